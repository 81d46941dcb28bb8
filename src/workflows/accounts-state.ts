// What a run of several ad accounts knows while it lasts: a line for each, and the sums of those that ended.
import {
  addCalls,
  keepErrors,
  noCalls,
  noTotals,
  type ApiCalls,
  type FlowRun,
  type RunError,
  type RunStatus,
  type RunTotals,
} from '../dataflow/flow-run.js';
import type { DateRange } from '../dataflow/dates.js';
import { addDeliveries } from '../dataflow/targets.js';
import {
  accountWorkflowId,
  type AccountNews,
  type AccountProgress,
  type DataflowProgress,
} from './contract.js';
import { emptyProgress } from './progress.js';
import { addRestated } from './run-state.js';

/** Errors told of one ad account; its own record has the others. */
const ERRORS_TOLD = 3;

/** What travels through continue-as-new. */
export interface AccountsState {
  startedAtMs: number;
  dataflow: string | null;
  accounts: AccountProgress[];
  totals: RunTotals;
  window: DateRange | null;
  paused: boolean;
  /** Signals that did not fit; earlier versions did not count them. */
  ignoredSignals?: number;
  /** The server knows the search attributes of runs; earlier versions set none. */
  searchAttributes?: true;
}

export const newAccountsState = (startedAtMs: number): AccountsState => ({
  startedAtMs,
  dataflow: null,
  accounts: [],
  totals: noTotals(),
  window: null,
  paused: false,
});

export const waitingAccount = (adAccountId: string, parentWorkflowId: string): AccountProgress => ({
  adAccountId,
  workflowId: accountWorkflowId(parentWorkflowId, adAccountId),
  status: 'waiting its turn',
  chunks: { done: 0, running: 0, planned: 0 },
  rows: {},
  apiCalls: 0,
});

export const spendAll = ({ totals }: AccountsState, apiCalls: ApiCalls): void => {
  totals.apiCalls = addCalls(totals.apiCalls, apiCalls);
};

const addRows = (rows: Record<string, number>, more: Record<string, number>): void => {
  for (const [type, some] of Object.entries(more)) rows[type] = (rows[type] ?? 0) + some;
};

/** Adds what the run of one ad account brought, however it ended. */
export const addRecord = (state: AccountsState, account: AccountProgress, record: FlowRun): void => {
  const { totals } = state;
  account.apiCalls = record.apiCalls.total;
  account.chunks = { ...account.chunks, running: 0, planned: 0 };
  addRows(totals.rows, account.rows);
  totals.inputBytes += record.sizeSummary.inputBytes;
  totals.outputBytes += record.sizeSummary.outputBytes;
  totals.inputRows += record.recordSummary.inputRecordCount;
  totals.outputRows += record.recordSummary.outputRecordCount;
  totals.rejectedRows += record.recordSummary.failedRecordCount;
  totals.waitedForQuotaMs += record.waitedForQuotaMs;
  spendAll(state, record.apiCalls);
  totals.restated = addRestated(totals.restated, record.restated);
  if (record.deliveries) totals.deliveries = addDeliveries(totals.deliveries ?? [], record.deliveries);
  state.window = record.window ?? state.window;
};

const of =
  ({ adAccountId }: AccountProgress) =>
  ({ code, message }: RunError): RunError => ({ code, message: `ad account ${adAccountId}: ${message}` });

/** Notes how the run of one ad account ended. */
export const addEnd = (
  { totals }: AccountsState,
  account: AccountProgress,
  status: RunStatus,
  ...errors: readonly RunError[]
): void => {
  account.status = status;
  totals.errors = keepErrors(totals.errors, errors.map(of(account)));
};

/** Adds a run that ended with its record as its result. */
export const addSuccess = (state: AccountsState, account: AccountProgress, record: FlowRun): void => {
  addRecord(state, account, record);
  const notices = record.statusSummary.notices ?? [];
  if (notices.length > 0)
    state.totals.notices = keepErrors(state.totals.notices ?? [], notices.map(of(account)));
  addEnd(state, account, record.status, ...record.statusSummary.errors.slice(0, ERRORS_TOLD));
};

/** Takes up what a run that is on has told; answers with whether there is one. */
export const addNews = ({ accounts }: AccountsState, news: AccountNews): boolean => {
  const account = accounts.find(({ adAccountId }) => adAccountId === news.adAccountId);
  if (account?.status === 'running') Object.assign(account, news);
  return account !== undefined;
};

export const outcomeOfAccounts = ({ accounts, totals }: AccountsState): RunStatus => {
  const statuses = new Set(accounts.map(({ status }) => status as RunStatus));
  // Each of those that are listed came through; their list says that it is not all.
  if (statuses.size === 1 && statuses.has('success') && totals.errors.length > 0) return 'partial success';
  if (statuses.size === 1) return [...statuses][0]!;
  return statuses.has('success') || statuses.has('partial success') ? 'partial success' : 'failed';
};

/** How far all of them are: what has ended, and what those that run have told. */
export const progressOfAccounts = (state: AccountsState): DataflowProgress => {
  const { totals, accounts } = state;
  const running = accounts.filter(({ status }) => status === 'running');
  const rows = { ...totals.rows };
  for (const account of running) addRows(rows, account.rows);
  const heard = running.reduce((sum, { apiCalls }) => sum + apiCalls, 0);
  const sum = (key: 'done' | 'running' | 'planned'): number =>
    accounts.reduce((all, { chunks }) => all + chunks[key], 0);
  return {
    ...emptyProgress(state.startedAtMs),
    dataflow: state.dataflow,
    paused: state.paused,
    window: state.window,
    chunks: { done: sum('done'), running: sum('running'), planned: sum('planned') },
    rows,
    rejectedRows: totals.rejectedRows,
    apiCalls: addCalls(totals.apiCalls, { ...noCalls(), total: heard }),
    errors: totals.errors,
    ...(totals.notices && { notices: totals.notices }),
    ignoredSignals: state.ignoredSignals ?? 0,
    accounts,
  };
};
