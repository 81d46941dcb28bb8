// The flow-run record: what one run did, in the words of Experience Platform's Flow Service.
import type { DateOnly, DateRange } from './dates.js';

export type RunStatus = 'success' | 'partial success' | 'failed' | 'skipped' | 'cancelled';

export interface RunError {
  code: string;
  message: string;
}

/** Requests that left for the API, failed ones too: the number that Pinterest's server counts. */
export interface ApiCalls {
  analytics: number;
  /** Requests for reports and polls of them; a download is no API call. */
  reports: number;
  catalogue: number;
  /** The ad account itself, tokens. */
  other: number;
  /** How many of the calls above were asked again after a failure. */
  retried: number;
  total: number;
}

export type CallKind = 'analytics' | 'reports' | 'catalogue' | 'other';

/** What one run delivered to one target. */
export interface DeliverySummary {
  target: string;
  /** Weeks of tables: how many had news, and what became of them. */
  partitions: { due: number; delivered: number; failed: number };
  rows: number;
  /** Rows that the target did not take. */
  failedRows: number;
  errors: RunError[];
}

export interface FlowRun {
  id: string;
  status: RunStatus;
  durationSummary: { startedAtUTC: string; completedAtUTC: string };
  sizeSummary: { inputBytes: number; outputBytes: number };
  recordSummary: { inputRecordCount: number; outputRecordCount: number; failedRecordCount: number };
  /** `notices`: worth knowing, though it kept nothing from being made current. */
  statusSummary: { status: RunStatus; errors: RunError[]; notices?: RunError[] };
  apiCalls: ApiCalls;
  window: DateRange | null;
  waitedForQuotaMs: number;
  restated: { cells: number; rowsChanged: number; oldestDateChanged: DateOnly | null };
  /** One a target, if the spec has any. */
  deliveries?: DeliverySummary[];
}

/** What a run adds up while it lasts; small, so that it travels through continue-as-new. */
export interface RunTotals {
  inputBytes: number;
  outputBytes: number;
  inputRows: number;
  outputRows: number;
  rejectedRows: number;
  chunks: number;
  waitedForQuotaMs: number;
  apiCalls: ApiCalls;
  restated: FlowRun['restated'];
  errors: RunError[];
  notices?: RunError[];
  /** Rows committed, by dataset: `ads`, `ads/AGE_BUCKET`. */
  rows: Record<string, number>;
  /** If the spec has targets. */
  deliveries?: DeliverySummary[];
}

export const noCalls = (): ApiCalls => ({
  analytics: 0,
  reports: 0,
  catalogue: 0,
  other: 0,
  retried: 0,
  total: 0,
});

/** Key by key, of as many as `a` has: a forecast knows no retries. */
export const addCalls = <Calls extends Partial<ApiCalls>>(a: Calls, b: Calls): Calls =>
  Object.fromEntries(
    (Object.keys(a) as (keyof ApiCalls)[]).map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]),
  ) as Calls;

export const noTotals = (): RunTotals => ({
  inputBytes: 0,
  outputBytes: 0,
  inputRows: 0,
  outputRows: 0,
  rejectedRows: 0,
  chunks: 0,
  waitedForQuotaMs: 0,
  apiCalls: noCalls(),
  restated: { cells: 0, rowsChanged: 0, oldestDateChanged: null },
  errors: [],
  rows: {},
});

/** Errors that a record lists; the rest are counted in one line, so that a record stays small. */
const ERRORS_LISTED = 20;
/** Errors kept of many ad accounts or deliveries: what a run carries and what `progress` answers must fit into Temporal's 2 MiB. */
const ERRORS_KEPT = 50;

/** Adds an error unless the same one is there already. */
export const addError = (errors: readonly RunError[], error: RunError): RunError[] =>
  errors.some((other) => other.code === error.code && other.message === error.message)
    ? [...errors]
    : [...errors, error];

/** Adds errors of one of many ad accounts or deliveries, up to as many as are kept. */
export const keepErrors = (errors: readonly RunError[], more: readonly RunError[]): RunError[] =>
  more.reduce(addError, [...errors]).slice(0, ERRORS_KEPT);

export const listErrors = (errors: readonly RunError[]): RunError[] => {
  const unlisted = errors.length - ERRORS_LISTED;
  if (unlisted <= 0) return [...errors];
  const atLeast = errors.length >= ERRORS_KEPT ? 'at least ' : '';
  const message = `${atLeast}${unlisted} more errors of this run are not listed`;
  return [...errors.slice(0, ERRORS_LISTED), { code: 'MoreErrors', message }];
};

/** Rejected rows in percent of all rows that came. */
export const rejectedPercent = (totals: Pick<RunTotals, 'inputRows' | 'rejectedRows'>): number =>
  totals.inputRows === 0 ? 0 : (100 * totals.rejectedRows) / totals.inputRows;

export interface RunIdentity {
  id: string;
  startedAtMs: number;
  completedAtMs: number;
  window: DateRange | null;
}

export const flowRunRecord = (status: RunStatus, totals: RunTotals, run: RunIdentity): FlowRun => ({
  id: run.id,
  status,
  durationSummary: {
    startedAtUTC: new Date(run.startedAtMs).toISOString(),
    completedAtUTC: new Date(run.completedAtMs).toISOString(),
  },
  sizeSummary: { inputBytes: totals.inputBytes, outputBytes: totals.outputBytes },
  recordSummary: {
    inputRecordCount: totals.inputRows,
    outputRecordCount: totals.outputRows,
    failedRecordCount: totals.rejectedRows,
  },
  statusSummary: {
    status,
    errors: listErrors(totals.errors),
    ...(totals.notices ? { notices: listErrors(totals.notices) } : {}),
  },
  apiCalls: totals.apiCalls,
  window: run.window,
  waitedForQuotaMs: totals.waitedForQuotaMs,
  restated: totals.restated,
  ...(totals.deliveries && {
    deliveries: totals.deliveries.map((delivery) => ({ ...delivery, errors: listErrors(delivery.errors) })),
  }),
});
