// Workflows that answer by themselves, asked only if somebody is there to answer.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError, type Client, type WorkflowHandle } from '@temporalio/client';
import { kindOf, KnownError } from '../dataflow/failures.js';
import { TASK_QUEUE } from '../workflows/contract.js';

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
/** Temporal goes on naming a worker that was killed: whether one is alive shows by its taking the question. */
const TAKEN_WITHIN_MS = 60_000;
/**
 * How many events a workflow has that no worker has taken: that it was started, and that somebody is asked to take it; and two more
 * if Temporal has given it to one that was gone, and has found that out.
 */
const EVENTS_UNTAKEN: ReadonlySet<number> = new Set([2, 4]);

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

/** Resolves if no worker has taken the question in time; false if it is answered. */
const isUntaken = async (
  handle: WorkflowHandle,
  withinMs: number,
  answered: AbortSignal,
): Promise<boolean> => {
  for (;;) {
    try {
      await sleep(withinMs, undefined, { signal: answered });
    } catch {
      return false;
    }
    // Where that cannot be asked, the next look or the answer tells.
    const { historyLength } = await handle.describe().catch(() => ({ historyLength: Infinity }));
    if (EVENTS_UNTAKEN.has(historyLength)) return true;
  }
};

/**
 * Starts a workflow of its own and waits for its answer.
 * @param id what the workflow's id begins with
 * @throws NoWorker if nobody would answer; KnownError if the workflow fails for a reason that a person can mend
 */
export const ask = async <Asked extends (...args: never[]) => Promise<unknown>>(
  client: Client,
  type: string,
  args: Parameters<Asked>,
  { id = type, takenWithinMs = TAKEN_WITHIN_MS } = {},
): Promise<Awaited<ReturnType<Asked>>> => {
  const { namespace } = client.options;
  const untilMs = Date.now() + PATIENCE_MS;
  while (!(await isServed(client))) {
    if (Date.now() > untilMs) throw new NoWorker(namespace);
    await sleep(LOOK_MS);
  }
  const workflowId = `${id}-${randomUUID()}`;
  const handle = await client.workflow.start(type, { taskQueue: TASK_QUEUE, workflowId, args });
  const answered = new AbortController();
  let takenBack = false;
  const takeBack = async (): Promise<void> => {
    takenBack = await isUntaken(handle, takenWithinMs, answered.signal);
    if (takenBack) await handle.terminate('No worker took it').catch(() => (takenBack = false));
  };
  try {
    const [answer] = await Promise.all([
      handle.result().finally(() => answered.abort()) as ReturnType<Asked>,
      takeBack(),
    ]);
    return answer;
  } catch (error) {
    throw takenBack ? new NoWorker(namespace) : known(error);
  }
};
