// Workflows that answer by themselves, asked only if somebody is there to answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { kindOf, KnownError } from '../dataflow/failures.js';
import { questionWorkflowId, TASK_QUEUE } from '../workflows/contract.js';

/** Nobody would answer. */
export class NoWorker extends Error {
  override readonly name = 'NoWorker';

  constructor(namespace: string) {
    super(
      `No worker serves the task queue ${TASK_QUEUE} in the namespace ${namespace}, so nobody would answer. ` +
        'Start one: npx pinterest-ads worker.',
    );
  }
}

/** A worker that has just been started takes a moment to ask for tasks. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 200;

const isServed = async ({ workflowService, options }: Client): Promise<boolean> => {
  const { pollers } = await workflowService.describeTaskQueue({
    namespace: options.namespace,
    taskQueue: { name: TASK_QUEUE },
  });
  return (pollers?.length ?? 0) > 0;
};

/** What an activity says of a failure, as it says it: one message, without a stack of ours. */
const known = (error: unknown): unknown => {
  if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof ApplicationFailure)) return error;
  const { type, message } = error.cause;
  return kindOf(type) === 'Unexpected' ? error : new KnownError(kindOf(type), message);
};

/**
 * Starts a workflow and waits for its answer.
 * @param workflowId left out: one of its own
 * @throws NoWorker if nobody would answer; KnownError if the workflow fails for a reason that a person can mend
 */
export const ask = async <Asked extends (...args: never[]) => Promise<unknown>>(
  client: Client,
  type: string,
  args: Parameters<Asked>,
  workflowId = questionWorkflowId(type, Date.now()),
): Promise<Awaited<ReturnType<Asked>>> => {
  const untilMs = Date.now() + PATIENCE_MS;
  while (!(await isServed(client))) {
    if (Date.now() > untilMs) throw new NoWorker(client.options.namespace);
    await sleep(LOOK_MS);
  }
  try {
    return (await client.workflow.execute(type, { taskQueue: TASK_QUEUE, workflowId, args })) as Awaited<
      ReturnType<Asked>
    >;
  } catch (error) {
    throw known(error);
  }
};
