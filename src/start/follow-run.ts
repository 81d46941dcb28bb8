// Watches a run until it ends, saying how far it is: one line that changes in a terminal, plain lines elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataflowRun } from '../client.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { DataflowProgress } from '../workflows/contract.js';

const POLL_MS = 500;
/** A query that no worker answers must not hold up the watching. */
const QUERY_TIMEOUT_MS = 5_000;

export interface Watched {
  record: FlowRun | undefined;
  error: unknown;
  /** As last seen. */
  progress: DataflowProgress | undefined;
}

const inTime = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([answer.catch(() => undefined), sleep(QUERY_TIMEOUT_MS, undefined, { ref: false })]);

/**
 * @param show called with the progress, and the calls the budget has left, every half second
 * @param gaveUp rejects when the run cannot go on, because the worker is gone
 */
export const watch = async (
  run: DataflowRun,
  callsLeft: () => Promise<number | undefined>,
  show: (progress: DataflowProgress, callsLeft: number | undefined) => void,
  gaveUp: Promise<never>,
): Promise<Watched> => {
  let over = false;
  let progress: DataflowProgress | undefined;
  const watching = (async () => {
    while (!over) {
      progress = (await inTime(run.progress())) ?? progress;
      const left = await inTime(callsLeft());
      if (progress && !over) show(progress, left);
      await sleep(POLL_MS);
    }
  })();
  try {
    const record = await Promise.race([run.result(), gaveUp]);
    progress = (await inTime(run.progress())) ?? progress;
    return { record, error: undefined, progress };
  } catch (error) {
    return { record: undefined, error, progress };
  } finally {
    over = true;
    await watching;
  }
};
