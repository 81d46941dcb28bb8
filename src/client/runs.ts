// Runs of dataflows: started, joined, watched, steered.
import { isDeepStrictEqual } from 'node:util';
import { WorkflowExecutionAlreadyStartedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { dateOf } from '../dataflow/dates.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import { parseAnySpec } from '../dataflow/parse-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from '../dataflow/spec.js';
import {
  DATAFLOW,
  dataflowWorkflowId,
  pauseSignal,
  progressQuery,
  resumeSignal,
  TASK_QUEUE,
  type Dataflow,
  type DataflowProgress,
} from '../workflows/contract.js';

export interface DataflowRun {
  workflowId: string;
  /** How far the run is. */
  progress(): Promise<DataflowProgress>;
  /** Stops at the next chunk boundary; nothing is lost. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run; what is loaded stays. */
  cancel(): Promise<void>;
  /** The flow-run record. Rejects with a WorkflowFailedError if the run failed or was cancelled. */
  result(): Promise<FlowRun>;
}

/** An open run of another spec has the workflow id. */
export class AnotherRunIsOn extends Error {
  override readonly name = 'AnotherRunIsOn';

  constructor(readonly workflowId: string) {
    super(
      `The workflow ${workflowId} is running with another spec. Wait for its end, cancel it ` +
        `(temporal workflow cancel --workflow-id ${workflowId}), or start this one under another workflow id.`,
    );
  }
}

const accountsOf = (spec: DataflowSpec | ManyAccountsSpec): string => {
  if (isOfOneAccount(spec)) return `ad account ${spec.connection.adAccountId}`;
  const { adAccountIds } = spec.connection;
  return adAccountIds === 'all' ? 'all ad accounts' : `${adAccountIds.length} ad accounts`;
};

/** What a person reads of its runs. */
export const summaryOf = (spec: DataflowSpec | ManyAccountsSpec): string => {
  const types = [...new Set(spec.source.objects.map(({ type }) => type))].join(', ');
  return `Pinterest Ads → store: ${types} of ${accountsOf(spec)}`;
};

export class Runs {
  constructor(private readonly client: Client) {}

  /** A run of this spec, or the open one of the very same. */
  async start(spec: unknown, id?: string): Promise<DataflowRun> {
    const checked = parseAnySpec(spec, { today: dateOf(Date.now()) });
    const workflowId = id ?? dataflowWorkflowId(checked);
    try {
      const handle = await this.client.workflow.start<Dataflow>(DATAFLOW, {
        taskQueue: TASK_QUEUE,
        workflowId,
        args: [spec],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: summaryOf(checked),
      });
      return this.runOf(handle);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (!(await this.isRunOf(spec, workflowId))) throw new AnotherRunIsOn(workflowId);
      return this.of(workflowId);
    }
  }

  /** A run that was started before. */
  of(workflowId: string): DataflowRun {
    return this.runOf(this.client.workflow.getHandle<Dataflow>(workflowId));
  }

  /** Whether the open workflow of this id is a run of the very spec: each execution's first event has what it was started with. */
  private async isRunOf(spec: unknown, workflowId: string): Promise<boolean> {
    const { history } = await this.client.workflowService.getWorkflowExecutionHistory({
      namespace: this.client.options.namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    const { workflowType, input } = history!.events![0]!.workflowExecutionStartedEventAttributes!;
    const [given] = input?.payloads ?? [];
    if (workflowType?.name !== DATAFLOW || !given) return false;
    // As JSON says it, so that neither the order of keys nor an `undefined` makes a difference.
    const asked: unknown = JSON.parse(JSON.stringify(spec));
    return isDeepStrictEqual(defaultPayloadConverter.fromPayload(given), asked);
  }

  private runOf(handle: WorkflowHandle<Dataflow>): DataflowRun {
    return {
      workflowId: handle.workflowId,
      progress: () => handle.query(progressQuery),
      pause: () => handle.signal(pauseSignal),
      resume: () => handle.signal(resumeSignal),
      cancel: async () => void (await handle.cancel()),
      result: () => handle.result(),
    };
  }
}
