// A run of several ad accounts: one child workflow for each, a few side by side, and one record of them all.
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  ChildWorkflowFailure,
  ContinueAsNew,
  condition,
  isCancellation,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  workflowInfo,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ListedAccounts } from '../activities/list-accounts.js';
import { flowRunRecord, type FlowRun, type RunStatus } from '../dataflow/flow-run.js';
import {
  addEnd,
  addNews,
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
import { ask } from './ask.js';
import {
  DATAFLOW,
  pauseSignal,
  resumeSignal,
  type AccountNews,
  type AccountProgress,
  type Dataflow,
  type DataflowProgress,
  type Phase,
} from './contract.js';
import { failedRun } from './failures.js';
import { startLanes } from './lanes.js';
import { accountsDetailsOf, endOf } from './progress.js';
import { steer } from './steering.js';
import { continueDataflow } from './versioning.js';
import { FirstStep, showBegun, showEnded } from './visibility.js';
import { Waits, whenQuotaAllows } from './waiting.js';

/** Ad accounts side by side. */
const ACCOUNTS_AT_ONCE = 4;

/** A spec, as far as these workflows look into it. */
interface SpecOfSeveral {
  connection: { adAccountId?: string; adAccountIds?: unknown };
}

export const namesSeveral = (spec: unknown): spec is SpecOfSeveral =>
  (spec as SpecOfSeveral | null | undefined)?.connection?.adAccountIds !== undefined;

export const listAccounts = (spec: unknown): Promise<ListedAccounts> =>
  ask(questions().listAccounts, 'check the spec, list the ad accounts', { spec });

/** The spec of one of the ad accounts that a spec names. */
export const narrowed = (spec: SpecOfSeveral, adAccountId: string): unknown => {
  const { adAccountIds: _, ...connection } = spec.connection;
  return { ...spec, connection: { ...connection, adAccountId } };
};

export const runAccounts = (spec: SpecOfSeveral, carried?: AccountsState): Promise<FlowRun> =>
  new AccountsRun(spec, carried ?? newAccountsState(workflowInfo().startTime.getTime())).execute();

type Child = ChildWorkflowHandle<Dataflow>;

class AccountsRun {
  private readonly waits = new Waits(() => this.show());
  private readonly children = new Set<Child>();
  private phase: Phase = 'preparing';
  private readonly firstStep: FirstStep;

  constructor(
    private readonly spec: SpecOfSeveral,
    private readonly state: AccountsState,
  ) {
    this.firstStep = new FirstStep(spec);
    const hear = (news: AccountNews): boolean => {
      const added = addNews(state, news);
      this.show();
      return added;
    };
    steer({ state, hear, progress: () => this.snapshot(), pause: (paused) => this.pause(paused) });
  }

  async execute(): Promise<FlowRun> {
    try {
      return await this.runAll();
    } catch (error) {
      if (!(error instanceof ContinueAsNew) && this.phase !== 'failed') this.failAs(error);
      throw error;
    }
  }

  private async runAll(): Promise<FlowRun> {
    const { state } = this;
    if (state.accounts.length === 0) await this.list();
    this.phase = 'running';
    this.show();
    const queue = state.accounts.filter(({ status }) => status === 'waiting its turn');
    const scope = CancellationScope.current();
    const lanes = startLanes({
      count: ACCOUNTS_AT_ONCE,
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
      searchAttributes,
    } = await whenQuotaAllows(
      () => this.firstStep.take(listAccounts(this.spec)),
      async (refusal) => {
        spendAll(this.state, refusal.apiCalls);
        await this.waits.waitForQuota(refusal);
        this.state.totals.waitedForQuotaMs = this.waits.waitedForQuotaMs;
      },
    );
    spendAll(this.state, apiCalls);
    this.state.totals.errors.push(...errors);
    this.state.dataflow = name;
    if (searchAttributes) {
      this.state.searchAttributes = true;
      showBegun(name);
    }
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
      const message =
        `the workflow ${account.workflowId} is already running, and this run did not start it; look whose it is ` +
        `(temporal workflow describe --workflow-id ${account.workflowId}), and start this run again once it has ended`;
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
    this.end(status);
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

  /** Without a record: the ad accounts could not be listed, or it was cancelled. */
  private failAs(error: unknown): void {
    const { errors } = this.state.totals;
    const cancelled = isCancellation(error);
    const { type, message } =
      error instanceof ApplicationFailure ? error : { type: null, message: String(error) };
    if (!cancelled) errors.push({ code: type ?? 'Error', message });
    this.end(cancelled ? 'cancelled' : 'failed');
  }

  private end(status: RunStatus): void {
    if (this.state.searchAttributes) showEnded(status, this.state.startedAtMs);
    else this.firstStep.showRefused(status);
    this.phase = endOf(status);
    this.show();
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
