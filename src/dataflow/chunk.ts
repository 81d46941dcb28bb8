// A chunk: one planned extraction.
import type { DateOnly } from './dates.js';
import { describeDataset, type Dataset } from './object-types.js';

export type Granularity = 'TOTAL' | 'DAY' | 'HOUR' | 'WEEK' | 'MONTH';

/** How a chunk is read: an analytics endpoint (answers at once) or an async report. */
export type Method = 'analytics' | 'report';

/** The parts of one chunk that was cut. */
export interface Family {
  /** The same for all parts of one chunk, and for no others of a run. */
  of: string;
  parts: number;
  /** Generations before this one in which all parts were refused in the same words. */
  alike: number;
}

export interface Chunk extends Dataset {
  method: Method;
  /**
   * The object ids to read; `all` is every object of the account, `wanted` every object of the spec's type, read
   * without naming them (a report of the whole account serves more ids than it could name).
   */
  ids: string[] | 'all' | 'wanted';
  /** What is asked for, inclusive. Which of these cells are stale, and so get replaced, is settled when loading. */
  from: DateOnly;
  to: DateOnly;
  /** How many ids one call may name within the answer's row budget; only if `ids` takes several calls. */
  idsPerCall?: number;
  /** Cut out of a chunk that failed: tried fewer times before it is cut again. */
  part?: true;
  /** If it was cut out of a chunk that Pinterest refused: what came of the others says whether cutting helps. */
  family?: Family;
  /** Columns of the spec that are not asked for: Pinterest refuses them today. */
  leftOut?: string[];
  /** Expected API calls; a report's polls are counted as two, or as one once it is known how long they take. */
  apiCalls: number;
  /** Expected rows at most. */
  rows: number;
}

/** A report's price: the request and the polls it takes as long as nothing is known of its kind. The download is no API call. */
export const REPORT_POLLS = 2;
export const REPORT_CALLS = 1 + REPORT_POLLS;

export const callsOf = (chunks: readonly Chunk[]): number =>
  chunks.reduce((sum, chunk) => sum + chunk.apiCalls, 0);

/** `ads · all · 2026-05-23 – 2026-11-24 · report`: how a person sees a chunk. */
export const describeChunk = (chunk: Chunk): string => {
  const ids =
    typeof chunk.ids === 'string'
      ? chunk.ids
      : chunk.ids.length === 1
        ? chunk.ids[0]
        : `${chunk.ids.length} ids`;
  return `${describeDataset(chunk)} · ${ids} · ${chunk.from} – ${chunk.to} · ${chunk.method}`;
};
