// Watches a run until it ends, saying how far it is: one line that changes in a terminal, plain lines elsewhere.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataflowRun } from '../client.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { DataflowProgress } from '../workflows/progress.js';

const POLL_MS = 500;
/** A query that no worker answers must not hold up the watching. */
const QUERY_TIMEOUT_MS = 5_000;

export interface Watched {
  record: FlowRun | undefined;
  error: unknown;
  /** As last seen. */
  progress: DataflowProgress | undefined;
}

const lastProgress = async (run: DataflowRun): Promise<DataflowProgress | undefined> => {
  const late = sleep(QUERY_TIMEOUT_MS, undefined, { ref: false });
  return Promise.race([run.progress().catch(() => undefined), late]);
};

/**
 * @param show called with the progress every half second
 * @param gaveUp rejects when the run cannot go on, because the worker is gone
 */
export const watch = async (
  run: DataflowRun,
  show: (progress: DataflowProgress) => void,
  gaveUp: Promise<never>,
): Promise<Watched> => {
  let over = false;
  let progress: DataflowProgress | undefined;
  const watching = (async () => {
    while (!over) {
      progress = (await lastProgress(run)) ?? progress;
      if (progress && !over) show(progress);
      await sleep(POLL_MS);
    }
  })();
  try {
    const record = await Promise.race([run.result(), gaveUp]);
    progress = (await lastProgress(run)) ?? progress;
    return { record, error: undefined, progress };
  } catch (error) {
    return { record: undefined, error, progress };
  } finally {
    over = true;
    await watching;
  }
};
