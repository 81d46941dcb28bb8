// Versions of the worker, each a process of its own, and who did what of a workflow.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { shortTaskQueue, TASK_QUEUE } from '../../src/workflows/contract.js';
import type { Harness } from './harness.js';
import { eventsOfAllRuns } from './history.js';
import type { WorkerProcess } from './worker-process.js';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = temporal.api.enums.v1.TaskQueueType;
const TASK_QUEUES = [
  { name: TASK_QUEUE, taskQueueType: TASK_QUEUE_TYPE_WORKFLOW },
  { name: TASK_QUEUE, taskQueueType: TASK_QUEUE_TYPE_ACTIVITY },
  { name: shortTaskQueue(TASK_QUEUE), taskQueueType: TASK_QUEUE_TYPE_ACTIVITY },
];
/** gRPC's NOT_FOUND and FAILED_PRECONDITION: no worker of the version has asked for tasks yet, or not of each kind. */
const UNKNOWN = new Set<number | undefined>([5, 9]);

export class Deployment {
  readonly name: string;

  constructor(private readonly harness: Harness) {
    this.name = `test-${harness.simulator.port}`;
  }

  /** @param buildId none for a worker without versioning */
  startWorker(buildId?: string): Promise<WorkerProcess> {
    const version = buildId !== undefined && { WORKER_DEPLOYMENT_NAME: this.name, WORKER_BUILD_ID: buildId };
    return this.harness.startWorkerProcess(version || {}, 'test/support/worker.mjs');
  }

  /** Once the version's workers ask for tasks; until every task queue has heard of it. */
  async makeCurrent(buildId: string): Promise<void> {
    const { client, namespace } = this.harness;
    const { workflowService } = client;
    const deployment = { namespace, deploymentName: this.name };
    const isUnknown = (): Promise<boolean> =>
      workflowService.setWorkerDeploymentCurrentVersion({ ...deployment, buildId }).then(
        () => false,
        (error: { code?: number }) => {
          if (UNKNOWN.has(error.code)) return true;
          throw error;
        },
      );
    while (await isUnknown()) await sleep(100);
    // The deployment's own word that all have heard stays away for ever now and then (temporalio/temporal#11842).
    for (const { name, taskQueueType } of TASK_QUEUES) {
      const question = { namespace, taskQueue: { name }, taskQueueType };
      const current = async (): Promise<unknown> =>
        (await workflowService.describeTaskQueue(question)).versioningInfo?.currentDeploymentVersion?.buildId;
      while ((await current()) !== buildId) await sleep(50);
    }
  }

  /** What `temporal workflow update-options` does with the behavior `one_time`. */
  async move({ workflowId }: WorkflowHandle, buildId: string): Promise<void> {
    const oneTime = { targetDeploymentVersion: { deploymentName: this.name, buildId } };
    await this.harness.client.workflowService.updateWorkflowExecutionOptions({
      namespace: this.harness.namespace,
      workflowExecution: { workflowId },
      workflowExecutionOptions: { versioningOverride: { oneTime } },
      updateMask: { paths: ['versioning_override'] },
    });
  }
}

/** The process ids of the workers that did the tasks of a workflow's newest run, those of its activities too, in order. */
export const workersOf = async (client: Client, workflowId: string): Promise<number[]> =>
  workersIn((await client.workflow.getHandle(workflowId).fetchHistory()).events!);

/** The same, with the runs that the newest continues. */
export const workersOfAllRuns = async (client: Client, workflowId: string): Promise<number[]> =>
  workersIn(await eventsOfAllRuns(client, workflowId));

const workersIn = (events: readonly temporal.api.history.v1.IHistoryEvent[]): number[] => {
  const identities = events.flatMap(
    ({ workflowTaskCompletedEventAttributes: task, activityTaskCompletedEventAttributes: activity }) =>
      (task ?? activity)?.identity ?? [],
  );
  return [...new Set(identities.map((identity) => Number(identity.split('@')[0])))];
};

/** The build id of the version that a workflow is on. */
export const versionOf = async (client: Client, workflowId: string): Promise<string | undefined> => {
  const { raw } = await client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? undefined;
};
