// What a run knows while it lasts: counters and small descriptions, all of which travel through continue-as-new.
import type { Prepared } from '../activities/prepare-run.js';
import type { LoadedChunk } from '../activities/load-chunk.js';
import type { DateRange } from '../dataflow/dates.js';
import {
  addCalls,
  addError,
  noTotals,
  type ApiCalls,
  type RunError,
  type RunTotals,
} from '../dataflow/flow-run.js';
import type { FailedChunk } from '../dataflow/gaps.js';
import type { Chunk } from '../dataflow/chunk.js';
import { datasetKey } from '../dataflow/object-types.js';

export interface RunState {
  startedAtMs: number;
  prepared: Prepared | null;
  window: DateRange | null;
  totals: RunTotals;
  failed: FailedChunk[];
  toSplit: FailedChunk[];
  /** Why chunks failed; told in the record only if their cells could not be made current in the end. */
  reasons: RunError[];
  /** Chunks that failed since one came through; many of them are no chunk's fault. */
  failuresInARow: number;
  /** Since when it waits for something to be mended, with nothing coming through. */
  waitsSinceMs: number | null;
  /** Why the run spends no more calls although cells are stale. */
  stopped: RunError | null;
  /** Reports that were loaded; left out in a run that an earlier version began. */
  reportsLoaded?: number;
  /** A report of the whole account was loaded: it may have named objects that the catalogue lacks. */
  mayKnowNewIds: boolean;
  catalogueRead: boolean;
  /** Ad account or catalogue were due and could not be read. */
  catalogueFailed?: boolean;
  paused: boolean;
  /** Signals that did not fit; earlier versions did not count them. */
  ignoredSignals?: number;
  /** Weeks of tables that this run could not deliver, by target. */
  undelivered?: Record<string, string[]>;
}

export const newState = (startedAtMs: number): RunState => ({
  startedAtMs,
  prepared: null,
  window: null,
  totals: noTotals(),
  failed: [],
  toSplit: [],
  reasons: [],
  failuresInARow: 0,
  waitsSinceMs: null,
  stopped: null,
  reportsLoaded: 0,
  mayKnowNewIds: false,
  catalogueRead: false,
  paused: false,
});

export const spend = (state: RunState, apiCalls: ApiCalls): void => {
  state.totals.apiCalls = addCalls(state.totals.apiCalls, apiCalls);
};

/** Counts calls that were asked again after a failure. */
export const retried = (state: RunState, calls: number): void => {
  state.totals.apiCalls = { ...state.totals.apiCalls, retried: state.totals.apiCalls.retried + calls };
};

export const note = (state: RunState, error: RunError): void => {
  state.totals.errors = addError(state.totals.errors, error);
};

/** What a person should know of, though all was made current. */
export const tell = (state: RunState, notice: RunError): void => {
  state.totals.notices = addError(state.totals.notices ?? [], notice);
};

const older = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && b < a) ? b : a;

type Restated = RunTotals['restated'];

export const addRestated = (a: Restated, b: Restated): Restated => ({
  cells: a.cells + b.cells,
  rowsChanged: a.rowsChanged + b.rowsChanged,
  oldestDateChanged: older(a.oldestDateChanged, b.oldestDateChanged),
});

/** Adds what a chunk brought. */
export const addLoaded = (state: RunState, chunk: Chunk, loaded: LoadedChunk): void => {
  const { totals } = state;
  spend(state, loaded.apiCalls);
  if (loaded.stillStale) state.failed.push({ chunk, tries: 1 });
  state.failuresInARow = 0;
  state.waitsSinceMs = null;
  totals.chunks += 1;
  totals.inputRows += loaded.inputRows;
  totals.inputBytes += loaded.inputBytes;
  totals.outputBytes += loaded.outputBytes;
  totals.outputRows += loaded.rows;
  totals.rejectedRows += loaded.rejectedRows;
  const key = datasetKey(chunk);
  totals.rows[key] = (totals.rows[key] ?? 0) + loaded.rows;
  totals.restated = addRestated(totals.restated, loaded.restated);
};
