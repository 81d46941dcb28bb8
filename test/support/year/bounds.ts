// What may not grow however long a dataflow lives, and what may never be passed: the budget.
import { readdir, stat } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { query } from '../store-reader.js';
import { CLOCK_SLACK_MS } from './skipped-time.js';

/** Calls beyond the budget: each call that comes less than a window after the one `calls` before it. */
export const beyondBudget = (times: readonly number[], calls: number, windowMs: number): number =>
  times.filter((at, i) => i >= calls && at - times[i - calls]! < windowMs - CLOCK_SLACK_MS).length;

export interface Size {
  coverageRows: number;
  /** Of the largest history of today's runs and of the quota's. */
  events: number;
  fileMiB: number;
  temporaryFiles: number;
}

/** @param work where workers keep what they work on */
export const sizeOf = async (
  store: string,
  schemas: readonly string[],
  handles: readonly WorkflowHandle[],
  work: string,
): Promise<Size> => {
  const counts = schemas.map((schema) => `(SELECT count(*) FROM ${schema}.coverage)`);
  const [row] = await query(store, `SELECT greatest(${counts.join(', ')})::INTEGER AS rows`);
  const histories = await Promise.all(handles.map((handle) => handle.fetchHistory()));
  return {
    coverageRows: Number(row!['rows']),
    events: Math.max(...histories.map(({ events }) => events?.length ?? 0)),
    fileMiB: Math.round((await stat(store)).size / 2 ** 20),
    temporaryFiles: (await readdir(work, { recursive: true })).length,
  };
};
