// A run of several ad accounts: one child workflow for each, a few side by side, and one record of them all.
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  condition,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ListedAccounts } from '../activities/list-accounts.js';
import { flowRunRecord, type FlowRun } from '../dataflow/flow-run.js';
import {
  addEnd,
  addRecord,
  addSuccess,
  newAccountsState,
  progressOfAccounts,
  spendAll,
  outcomeOfAccounts,
  waitingAccount,
  type AccountsState,
} from './accounts-state.js';
import { questions } from './activities.js';
import {
  accountSignal,
  DATAFLOW,
  pauseSignal,
  progressQuery,
  resumeSignal,
  type AccountProgress,
  type Dataflow,
  type DataflowProgress,
  type Phase,
} from './contract.js';
import { failedRun } from './failures.js';
import { startLanes } from './lanes.js';
import { accountsDetailsOf } from './progress.js';
import { continueDataflow } from './versioning.js';
import { Waits, whenQuotaAllows } from './waiting.js';

/** Ad accounts side by side. */
const CONCURRENCY = 4;

/** A spec, as far as these workflows look into it. */
interface SpecOfSeveral {
  connection: { adAccountId?: string; adAccountIds?: unknown };
}

export const namesSeveral = (spec: unknown): spec is SpecOfSeveral =>
  (spec as SpecOfSeveral | null | undefined)?.connection?.adAccountIds !== undefined;

export const listAccounts = (spec: unknown): Promise<ListedAccounts> =>
  questions().listAccounts.executeWithOptions({ summary: 'check the spec, list the ad accounts' }, [
    { spec },
  ]);

/** The spec of one of the ad accounts that a spec names. */
export const narrowed = (spec: SpecOfSeveral, adAccountId: string): unknown => {
  const { adAccountIds: _, ...connection } = spec.connection;
  return { ...spec, connection: { ...connection, adAccountId } };
};

export const runAccounts = (spec: SpecOfSeveral, carried?: AccountsState): Promise<FlowRun> =>
  new AccountsRun(spec, carried ?? newAccountsState(workflowInfo().startTime.getTime())).execute();

type Child = ChildWorkflowHandle<Dataflow>;

class AccountsRun {
  private readonly waits = new Waits();
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
      description: 'Stop every ad account at its next chunk boundary',
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
    const lanes = startLanes({
      count: CONCURRENCY,
      goesOn: () => !scope.consideredCancelled,
      boundary: () => condition(() => !state.paused),
      next: () => (workflowInfo().continueAsNewSuggested ? undefined : queue.shift()),
      work: (account) => this.run(account),
    });
    // If this run is cancelled, its children end first, each with its record.
    await Promise.allSettled(lanes);
    if (scope.consideredCancelled) throw new CancelledFailure('The run was cancelled');
    if (queue.length > 0) await continueDataflow(this.spec, state);
    return this.finish();
  }

  private async list(): Promise<void> {
    this.phase = 'listing the ad accounts';
    const {
      dataflow: name,
      adAccountIds,
      apiCalls,
      errors = [],
    } = await whenQuotaAllows(
      () => listAccounts(this.spec),
      async (refusal) => {
        spendAll(this.state, refusal.apiCalls);
        const waiting = this.waits.waitForQuota(refusal);
        this.show();
        await waiting;
        this.state.totals.waitedForQuotaMs = this.waits.waitedForQuotaMs;
      },
    );
    spendAll(this.state, apiCalls);
    this.state.totals.errors.push(...errors);
    this.state.dataflow = name;
    this.state.accounts = adAccountIds.map((id) => waitingAccount(id, workflowInfo().workflowId));
  }

  /** Runs one ad account to its end; however that is, the others go on. */
  private async run(account: AccountProgress): Promise<void> {
    const { adAccountId, workflowId } = account;
    account.status = 'running';
    this.show();
    try {
      const child: Child = await startChild<Dataflow>(DATAFLOW, {
        workflowId,
        args: [narrowed(this.spec, adAccountId)],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        staticSummary: `Pinterest Ads → store: ad account ${adAccountId}`,
      });
      this.children.add(child);
      try {
        if (this.state.paused) this.forward(child, true);
        addSuccess(this.state, account, await child.result());
      } finally {
        this.children.delete(child);
      }
    } catch (error) {
      this.failed(account, error);
    }
    this.show();
  }

  private failed(account: AccountProgress, error: unknown): void {
    const { state } = this;
    if (error instanceof WorkflowExecutionAlreadyStartedError) {
      const message = `the workflow ${account.workflowId} is already running`;
      return addEnd(state, account, 'skipped', { code: 'Skipped', message });
    }
    if (isCancellation(error)) {
      return addEnd(state, account, 'cancelled', { code: 'Cancelled', message: 'The run was cancelled' });
    }
    const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
    const { type, details } = cause instanceof ApplicationFailure ? cause : {};
    const record = details?.[0] as FlowRun | undefined;
    if (record?.recordSummary) addRecord(state, account, record);
    const message = cause instanceof Error ? cause.message : String(cause);
    addEnd(state, account, 'failed', { code: type ?? 'Error', message });
  }

  /** One record of all, as a run of one ad account ends. */
  private finish(): FlowRun {
    const { state } = this;
    const status = outcomeOfAccounts(state);
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
    throw failedRun(last.code, last.message, record);
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
    return { ...progressOfAccounts(this.state), phase: this.phase, waiting: this.waits.waiting };
  }
}
