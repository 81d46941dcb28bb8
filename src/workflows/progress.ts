// What a running dataflow says of itself: when it may end, and the details in the Web UI.
import { noCalls, rejectedPercent, type RunStatus, type RunTotals } from '../dataflow/flow-run.js';
import { detailsTable } from '../details-table.js';
import { datasetOfKey, describeDataset } from '../dataflow/object-types.js';
import type { QuotaLimit } from '../quota/limits.js';
import type { DataflowProgress, RunEnd } from './contract.js';
import type { RunState } from './run-state.js';
import type { Waits } from './waiting.js';

export interface Pace {
  startedAtMs: number;
  nowMs: number;
  /** API calls made so far, and those that the planned chunks are expected to take. */
  callsMade: number;
  callsLeft: number;
  quota: readonly QuotaLimit[];
  /** The end of the wait that lasts longest, ISO time. */
  waitsUntil: string | null;
}

/** The later of two times: at the pace so far, and as fast as the quota allows from the end of the wait on. */
export const expectedEnd = (pace: Pace): string | null => {
  const { startedAtMs, nowMs, callsMade, callsLeft, quota, waitsUntil } = pace;
  if (callsLeft === 0 || callsMade === 0) return null;
  const atPaceMs = nowMs + (callsLeft * (nowMs - startedAtMs)) / callsMade;
  const fromMs = Math.max(nowMs, waitsUntil ? Date.parse(waitsUntil) : nowMs);
  const windowsMs = quota.map(({ calls, windowMs }) => Math.floor(callsLeft / calls) * windowMs);
  return new Date(Math.max(atPaceMs, fromMs + Math.max(0, ...windowsMs))).toISOString();
};

/** What holds the run up, what it waits for, or what it is at. */
const stateOf = ({ paused, waiting, reports, phase, errors }: DataflowProgress): string => {
  if (paused) return 'paused; the signal **resume** lets it go on';
  if (waiting) return `waiting: ${oneLine(waiting.why)}, until ${waiting.until}`;
  if (reports) {
    const what = reports.count === 1 ? 'a report' : `${reports.count} reports`;
    return `${phase}: Pinterest is making ${what}, looked at next at ${reports.nextLookAt}`;
  }
  const last = errors.at(-1);
  return phase === 'failed' && last ? `failed: ${oneLine(last.message)}` : phase;
};

const oneLine = (text: string): string => text.replaceAll('\n', ' ');

/** Also for a run that was started without a summary. */
const headline = (progress: DataflowProgress, ofWhat = ''): string =>
  `**Pinterest Ads → store: ${progress.dataflow ?? 'a dataflow'}**${progress.dataflow ? ofWhat : ''}: ${stateOf(progress)}`;

/** Markdown for the Web UI's details. */
export const detailsOf = (progress: DataflowProgress, totals: RunTotals): string => {
  const { chunks, window, apiCalls, expectedEnd, adAccountId } = progress;
  const lines = [
    headline(progress, ` of ad account ${adAccountId}`),
    '',
    ...(window ? [`Dates: ${window.from} to ${window.to}`, ''] : []),
    ...(expectedEnd ? [`Expected to end: ${expectedEnd}`, ''] : []),
    ...detailsTable(
      ['', ''],
      [
        ['chunks', `${chunks.done} done, ${chunks.running} running, ${chunks.planned} planned`],
        ...Object.entries(progress.rows).map(([key, rows]) => [
          `rows of ${describeDataset(datasetOfKey(key))}`,
          rows,
        ]),
        ['rejected rows', `${progress.rejectedRows} (${rejectedPercent(totals).toFixed(2)} %)`],
        ...(progress.deliveries ?? []).map(({ target, partitions: { due, delivered, failed }, rows }) => [
          target,
          `${delivered} of ${due} weeks delivered, ${failed} failed, ${rows} rows`,
        ]),
        [
          'API calls',
          `${apiCalls.total}: ${apiCalls.analytics} analytics, ${apiCalls.reports} reports, ${apiCalls.catalogue} catalogue, ${apiCalls.other} other`,
        ],
        ...progress.errors.slice(0, 5).map(({ code, message }) => [code, message]),
      ],
    ),
  ];
  return lines.join('\n');
};

const ACCOUNTS_SHOWN = 100;

/** Markdown for the Web UI's details of a run of several ad accounts. */
export const accountsDetailsOf = (progress: DataflowProgress): string => {
  const accounts = progress.accounts ?? [];
  const ended = accounts.filter(({ status }) => status !== 'waiting its turn' && status !== 'running').length;
  return [
    `${headline(progress)}, ${ended} of ${accounts.length} ad accounts ended`,
    '',
    ...detailsTable(
      ['ad account', 'status', 'chunks done', 'planned', 'rows', 'API calls'],
      accounts
        .slice(0, ACCOUNTS_SHOWN)
        .map(({ adAccountId, status, chunks, rows, apiCalls }) => [
          adAccountId,
          status,
          chunks.done,
          chunks.running + chunks.planned,
          Object.values(rows).reduce((sum, some) => sum + some, 0),
          apiCalls,
        ]),
    ),
    ...(accounts.length > ACCOUNTS_SHOWN ? ['', `… and ${accounts.length - ACCOUNTS_SHOWN} more`] : []),
    '',
    ...progress.errors.slice(0, 5).map(({ code, message }) => `- ${code}: ${message.replaceAll('\n', ' ')}`),
  ].join('\n');
};

export const emptyProgress = (startedAtMs: number): DataflowProgress => ({
  dataflow: null,
  adAccountId: null,
  phase: 'preparing',
  paused: false,
  startedAt: new Date(startedAtMs).toISOString(),
  window: null,
  chunks: { done: 0, running: 0, planned: 0 },
  rows: {},
  rejectedRows: 0,
  apiCalls: noCalls(),
  waiting: null,
  expectedEnd: null,
  errors: [],
  ignoredSignals: 0,
});

/** The last phase of a run. */
export const endOf = (status: RunStatus): RunEnd =>
  status === 'success' || status === 'partial success' ? 'done' : status;

/** What `progress` says: the run's own counters beside what it notes as it goes. */
export const progressOf = (
  noted: DataflowProgress,
  state: RunState,
  waits: Waits,
  callsLeft: number,
): DataflowProgress => {
  const { totals, window, paused, prepared, startedAtMs } = state;
  const pace = { startedAtMs, nowMs: Date.now(), callsMade: totals.apiCalls.total, callsLeft };
  return {
    ...noted,
    paused,
    window,
    chunks: { ...noted.chunks, done: totals.chunks },
    rows: totals.rows,
    rejectedRows: totals.rejectedRows,
    apiCalls: totals.apiCalls,
    waiting: waits.waiting,
    ...(waits.reports && { reports: waits.reports }),
    expectedEnd: expectedEnd({ ...pace, quota: prepared?.quota ?? [], waitsUntil: waits.until }),
    errors: totals.errors,
    ...(totals.notices && { notices: totals.notices }),
    ignoredSignals: state.ignoredSignals ?? 0,
    ...(totals.deliveries && { deliveries: totals.deliveries }),
  };
};
