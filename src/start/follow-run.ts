// Follows a run until it ends, and shows how far it is meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { DataflowRun } from '../client.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { DataflowProgress } from '../workflows/contract.js';

const POLL_MS = 500;
/** A query that no worker answers must not hold up the others. */
const QUERY_TIMEOUT_MS = 5_000;

export interface RunEnd {
  /** What ended it: its record, or the failure that it ended with. */
  ended: FlowRun | WorkflowFailedError;
  /** As last seen. */
  progress: DataflowProgress | undefined;
}

const inTime = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([answer.catch(() => undefined), sleep(QUERY_TIMEOUT_MS, undefined, { ref: false })]);

/**
 * @param show called with the progress, and the calls the budget has left, every half second
 * @param gaveUp rejects when the run cannot go on, because the worker is gone
 * @throws what `gaveUp` rejects with, or whatever keeps Temporal from telling how the run ended
 */
export const followRun = async (
  run: DataflowRun,
  callsLeft: () => Promise<number | undefined>,
  show: (progress: DataflowProgress, callsLeft: number | undefined) => void,
  gaveUp: Promise<never>,
): Promise<RunEnd> => {
  let over = false;
  let progress: DataflowProgress | undefined;
  const showing = (async () => {
    while (!over) {
      progress = (await inTime(run.progress())) ?? progress;
      const left = await inTime(callsLeft());
      if (progress && !over) show(progress, left);
      await sleep(POLL_MS);
    }
  })();
  try {
    const ended = await Promise.race([run.result(), gaveUp]).catch((error: unknown) => {
      if (error instanceof WorkflowFailedError) return error;
      throw error;
    });
    progress = (await inTime(run.progress())) ?? progress;
    return { ended, progress };
  } finally {
    over = true;
    await showing;
  }
};
