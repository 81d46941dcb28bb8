// A run of several ad accounts: one child workflow for each, a few side by side, and one record of them all.
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  condition,
  continueAsNew,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  addCalls,
  flowRunRecord,
  noCalls,
  noTotals,
  type FlowRun,
  type RunError,
  type RunStatus,
  type RunTotals,
} from '../dataflow/flow-run.js';
import type { DateRange } from '../dataflow/dates.js';
import { pinterest } from './activities.js';
import type { dataflow } from './dataflow.js';
import { asApplicationFailure, failureOf } from './failures.js';
import { Hold } from './hold.js';
import {
  accountsDetailsOf,
  emptyProgress,
  type AccountProgress,
  type DataflowProgress,
  type Phase,
} from './progress.js';
import { addRestated } from './run-state.js';
import { accountSignal, pauseSignal, progressQuery, resumeSignal } from './signals.js';

/** Ad accounts side by side. */
const CONCURRENCY = 4;
/** Errors told of one ad account; its own record has the others. */
const ERRORS_TOLD = 3;

/** A spec, as far as these workflows look into it. */
interface SpecOfSeveral {
  connection: { adAccountId?: string; adAccountIds?: unknown };
}

export const namesSeveral = (spec: unknown): spec is SpecOfSeveral =>
  (spec as SpecOfSeveral | null | undefined)?.connection?.adAccountIds !== undefined;

/** The spec of one of the ad accounts that a spec names. */
export const narrowed = (spec: SpecOfSeveral, adAccountId: string): unknown => {
  const { adAccountIds: _, ...connection } = spec.connection;
  return { ...spec, connection: { ...connection, adAccountId } };
};

/** What travels through continue-as-new. */
export interface AccountsState {
  startedAtMs: number;
  dataflow: string | null;
  accounts: AccountProgress[];
  totals: RunTotals;
  window: DateRange | null;
  paused: boolean;
}

export const runAccounts = (spec: SpecOfSeveral, carried?: AccountsState): Promise<FlowRun> =>
  new AccountsRun(
    spec,
    carried ?? {
      startedAtMs: workflowInfo().startTime.getTime(),
      dataflow: null,
      accounts: [],
      totals: noTotals(),
      window: null,
      paused: false,
    },
  ).execute();

type Child = ChildWorkflowHandle<typeof dataflow>;

class AccountsRun {
  private readonly hold = new Hold();
  private readonly children = new Set<Child>();
  private phase: Phase = 'preparing';

  constructor(
    private readonly spec: SpecOfSeveral,
    private readonly state: AccountsState,
  ) {
    setHandler(progressQuery, () => this.snapshot(), {
      description: 'How far the run is: a line for each ad account, and their sums',
    });
    setHandler(pauseSignal, () => this.pause(true), {
      description: 'Stop every ad account at its next border between chunks',
    });
    setHandler(resumeSignal, () => this.pause(false), { description: 'Go on after a pause' });
    setHandler(accountSignal, (news) => {
      const account = state.accounts.find(({ adAccountId }) => adAccountId === news.adAccountId);
      if (account) Object.assign(account, news);
      this.show();
    });
  }

  async execute(): Promise<FlowRun> {
    const { state } = this;
    if (state.accounts.length === 0) await this.list();
    this.phase = 'running';
    this.show();
    const queue = state.accounts.filter(({ status }) => status === 'waiting its turn');
    const scope = CancellationScope.current();
    const lane = async (): Promise<void> => {
      while (!scope.consideredCancelled) {
        await condition(() => !state.paused);
        if (workflowInfo().continueAsNewSuggested) return;
        const account = queue.shift();
        if (!account) return;
        await this.run(account);
      }
    };
    // Where this run is cancelled, its children end first, each with its record.
    await Promise.allSettled(Array.from({ length: CONCURRENCY }, lane));
    if (scope.consideredCancelled) throw new CancelledFailure('The run was cancelled');
    if (queue.length > 0) await continueAsNew<typeof dataflow>(this.spec, state);
    return this.finish();
  }

  private async list(): Promise<void> {
    const { state } = this;
    this.phase = 'listing the ad accounts';
    for (;;) {
      try {
        const listed = await pinterest.listAccounts.executeWithOptions(
          { summary: 'check the spec, list the ad accounts' },
          [{ spec: this.spec }],
        );
        state.dataflow = listed.dataflow;
        state.totals.apiCalls = addCalls(state.totals.apiCalls, listed.apiCalls);
        state.accounts = listed.adAccountIds.map((adAccountId) => ({
          adAccountId,
          workflowId: `${workflowInfo().workflowId}/${adAccountId}`,
          status: 'waiting its turn',
          chunks: { done: 0, running: 0, planned: 0 },
          rows: {},
          apiCalls: 0,
        }));
        return;
      } catch (error) {
        const { retryAtMs, message, apiCalls } = failureOf(error);
        if (retryAtMs === undefined) throw asApplicationFailure(error);
        state.totals.apiCalls = addCalls(state.totals.apiCalls, apiCalls);
        const waiting = this.hold.wait(retryAtMs, message, 'quota');
        this.show();
        await waiting;
        state.totals.waitedForQuotaMs = this.hold.waitedForQuotaMs;
      }
    }
  }

  /** Runs one ad account to its end; however that is, the others go on. */
  private async run(account: AccountProgress): Promise<void> {
    const { adAccountId, workflowId } = account;
    account.status = 'running';
    this.show();
    try {
      const child: Child = await startChild<typeof dataflow>('dataflow', {
        workflowId,
        args: [narrowed(this.spec, adAccountId)],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `Pinterest Ads → store: ad account ${adAccountId}`,
      });
      this.children.add(child);
      try {
        if (this.state.paused) this.forward(child, true);
        this.ended(account, await child.result());
      } finally {
        this.children.delete(child);
      }
    } catch (error) {
      this.failed(account, error);
    }
    this.show();
  }

  private ended(account: AccountProgress, record: FlowRun): void {
    account.status = record.status;
    this.add(account, record);
    for (const error of record.statusSummary.errors.slice(0, ERRORS_TOLD)) this.note(account, error);
  }

  private failed(account: AccountProgress, error: unknown): void {
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      account.status = 'skipped';
      this.note(account, { code: 'Skipped', message: `the workflow ${account.workflowId} is on already` });
      return;
    }
    if (isCancellation(error)) {
      account.status = 'cancelled';
      this.note(account, { code: 'Cancelled', message: 'The run was cancelled' });
      return;
    }
    account.status = 'failed';
    const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
    const { type, details } = cause instanceof ApplicationFailure ? cause : {};
    const record = details?.[0] as FlowRun | undefined;
    if (record?.recordSummary) this.add(account, record);
    const message = cause instanceof Error ? cause.message : String(cause);
    this.note(account, { code: type ?? 'Error', message });
  }

  private note({ adAccountId }: AccountProgress, { code, message }: RunError): void {
    this.state.totals.errors.push({ code, message: `ad account ${adAccountId}: ${message}` });
  }

  private add(account: AccountProgress, record: FlowRun): void {
    const { state } = this;
    const { totals } = state;
    account.apiCalls = record.apiCalls.total;
    account.chunks = { ...account.chunks, running: 0, planned: 0 };
    for (const [type, rows] of Object.entries(account.rows))
      totals.rows[type] = (totals.rows[type] ?? 0) + rows;
    totals.inputBytes += record.sizeSummary.inputBytes;
    totals.outputBytes += record.sizeSummary.outputBytes;
    totals.inputRows += record.recordSummary.inputRecordCount;
    totals.outputRows += record.recordSummary.outputRecordCount;
    totals.rejectedRows += record.recordSummary.failedRecordCount;
    totals.waitedForQuotaMs += record.waitedForQuotaMs;
    totals.apiCalls = addCalls(totals.apiCalls, record.apiCalls);
    totals.restated = addRestated(totals.restated, record.restated);
    state.window = record.window ?? state.window;
  }

  /** One record of all, as a run of one ad account ends. */
  private finish(): FlowRun {
    const { state } = this;
    const status = verdictOf(state.accounts);
    this.phase = 'done';
    this.show();
    const record = flowRunRecord(status, state.totals, {
      id: workflowInfo().firstExecutionRunId,
      startedAtMs: state.startedAtMs,
      completedAtMs: Date.now(),
      window: state.window,
    });
    if (status !== 'failed') return record;
    const last = state.totals.errors.at(-1)!;
    throw ApplicationFailure.create({
      type: last.code,
      message: last.message,
      nonRetryable: true,
      details: [record],
    });
  }

  private pause(paused: boolean): void {
    this.state.paused = paused;
    for (const child of this.children) this.forward(child, paused);
    this.show();
  }

  private forward(child: Child, paused: boolean): void {
    // One that has ended in this moment needs no telling.
    child.signal(paused ? pauseSignal : resumeSignal).catch(() => undefined);
  }

  private show(): void {
    setCurrentDetails(accountsDetailsOf(this.snapshot()));
  }

  private snapshot(): DataflowProgress {
    const { state, hold } = this;
    const { totals, accounts } = state;
    const running = accounts.filter(({ status }) => status === 'running');
    const rows = { ...totals.rows };
    for (const account of running)
      for (const [type, some] of Object.entries(account.rows)) rows[type] = (rows[type] ?? 0) + some;
    const heard = running.reduce((sum, { apiCalls }) => sum + apiCalls, 0);
    const sum = (key: 'done' | 'running' | 'planned'): number =>
      accounts.reduce((all, { chunks }) => all + chunks[key], 0);
    return {
      ...emptyProgress(state.startedAtMs),
      dataflow: state.dataflow,
      phase: this.phase,
      paused: state.paused,
      window: state.window,
      chunks: { done: sum('done'), running: sum('running'), planned: sum('planned') },
      rows,
      rejectedRows: totals.rejectedRows,
      apiCalls: addCalls(totals.apiCalls, { ...noCalls(), total: heard }),
      waiting: hold.waiting,
      errors: totals.errors,
      accounts,
    };
  }
}

const verdictOf = (accounts: readonly AccountProgress[]): RunStatus => {
  const statuses = new Set(accounts.map(({ status }) => status as RunStatus));
  if (statuses.size === 1) return [...statuses][0]!;
  return statuses.has('success') || statuses.has('partial success') ? 'partial success' : 'failed';
};
