// The dataflow: a run that makes the destination converge to what Pinterest has, and ends with its record.
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  condition,
  continueAsNew,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { callsOf, type Chunk } from '../dataflow/chunk.js';
import { dateOf } from '../dataflow/dates.js';
import { flowRunRecord, type FlowRun, type RunStatus } from '../dataflow/flow-run.js';
import { namesSeveral, runAccounts, type AccountsState } from './accounts.js';
import { alerts, pinterest, store } from './activities.js';
import { asApplicationFailure, failureOf } from './failures.js';
import { Hold, whileStoreIsLocked } from './hold.js';
import { loadOne } from './load-one.js';
import { detailsOf, emptyProgress, expectedEnd, type DataflowProgress, type Phase } from './progress.js';
import { newState, note, spend, type RunState } from './run-state.js';
import { accountSignal, pauseSignal, progressQuery, resumeSignal } from './signals.js';
import { verdictOf } from './verdict.js';

/** Reasons that a record gives for cells that could not be made current. */
const REASONS_TOLD = 5;
/** Chunks side by side. */
const CONCURRENCY = 4;
/** A wait this short is worth it: with the catalogue, cells may be read by fewer calls than by reports. */
const CATALOGUE_PATIENCE_MS = 300_000;
const ANOTHER_RUN_POLL_MS = 15_000;
const ANOTHER_RUN_LONGEST_POLL_MS = 300_000;

/**
 * Runs a dataflow once; where the spec names several ad accounts, as one run for each.
 * @param spec the dataflow spec, as a person wrote it
 * @param carried the state of this run's execution so far, where it continues as new
 */
export async function dataflow(spec: unknown, carried?: RunState | AccountsState): Promise<FlowRun> {
  if (namesSeveral(spec)) return runAccounts(spec, carried as AccountsState | undefined);
  const state = (carried as RunState | undefined) ?? newState(workflowInfo().startTime.getTime());
  const run = new Run(spec, state);
  try {
    return await run.execute();
  } catch (error) {
    return run.fail(error);
  }
}

/** Until when, epoch ms, and why. */
interface Waiting {
  untilMs: number;
  why: string;
}

class Run {
  private readonly hold = new Hold();
  private readonly waitedBeforeMs: number;
  private readonly progress: DataflowProgress;
  /** API calls that the planned chunks are expected to take. */
  private callsLeft = 0;

  constructor(
    private readonly spec: unknown,
    private readonly state: RunState,
  ) {
    this.waitedBeforeMs = state.totals.waitedForQuotaMs;
    this.progress = emptyProgress(state.startedAtMs);
    setHandler(progressQuery, () => this.snapshot(), {
      description: 'How far the run is: chunks, rows, API calls',
    });
    setHandler(pauseSignal, () => this.pause(true), {
      description: 'Stop at the next border between chunks',
    });
    setHandler(resumeSignal, () => this.pause(false), { description: 'Go on after a pause' });
  }

  async execute(): Promise<FlowRun> {
    if (!(await this.prepare())) return this.skipped();
    await this.converge();
    return this.finish(verdictOf(this.state));
  }

  /** False where another run holds the dataflow. */
  private async prepare(): Promise<boolean> {
    const { state } = this;
    let pollMs = ANOTHER_RUN_POLL_MS;
    while (!state.prepared || state.prepared.heldBy !== undefined) {
      const input = {
        spec: this.spec,
        startedAtMs: state.startedAtMs,
        runId: workflowInfo().firstExecutionRunId,
      };
      state.prepared = await store.prepareRun.executeWithOptions(
        { summary: 'check the spec, claim the dataflow' },
        [input],
      );
      state.window = state.prepared.window;
      const { heldBy, onDemand } = state.prepared;
      if (heldBy === undefined) break;
      if (!onDemand) return false;
      this.phase('waiting for another run');
      if (workflowInfo().continueAsNewSuggested) await this.continue();
      await sleep(pollMs, { summary: `waiting for ${heldBy}, which is on` });
      pollMs = Math.min(pollMs * 2, ANOTHER_RUN_LONGEST_POLL_MS);
    }
    const { place } = state.prepared.run;
    this.progress.dataflow = place.dataflow;
    this.progress.adAccountId = place.adAccountId;
    return true;
  }

  /** Where it has to wait long for the quota, answers with until when: a report that names no ids need not wait along. */
  private async readCatalogue(onlyTurnedUp = false): Promise<Waiting | null> {
    const { state, hold } = this;
    this.phase('reading the catalogue');
    try {
      const { apiCalls } = await whileStoreIsLocked(hold, () =>
        pinterest.refreshCatalogue.executeWithOptions(
          {
            summary: onlyTurnedUp
              ? 'ids that turned up unknown'
              : 'ad account and catalogue, where they are due',
          },
          [{ run: state.prepared!.run, onlyTurnedUp }],
        ),
      );
      spend(state, apiCalls);
    } catch (error) {
      const failure = failureOf(error);
      spend(state, failure.apiCalls);
      const { type, message, retryAtMs, unreachable } = failure;
      if (retryAtMs !== undefined) {
        if (retryAtMs - Date.now() > CATALOGUE_PATIENCE_MS) return { untilMs: retryAtMs, why: message };
        await hold.wait(retryAtMs, message, 'quota');
        return this.readCatalogue(onlyTurnedUp);
      }
      const goesOn = type === 'ContractViolation' || (type === 'Transient' && !unreachable);
      if (!goesOn) throw ApplicationFailure.nonRetryable(message, type);
      note(state, { code: type, message });
    }
    state.catalogueRead = true;
    return null;
  }

  /** Until nothing is stale: plan the next few chunks, load them side by side. */
  private async converge(): Promise<void> {
    const { state, hold } = this;
    let catalogueWaits = state.catalogueRead ? null : await this.readCatalogue();
    while (!state.stopped) {
      await this.border();
      this.phase('planning');
      const { failed, toSplit } = state;
      const plan = await whileStoreIsLocked(hold, () =>
        store.planChunks.executeWithOptions({ summary: 'wanted − held = stale' }, [
          { run: state.prepared!.run, failed, toSplit },
        ]),
      );
      state.window = plan.window;
      state.toSplit = [];
      state.failed.push(...plan.uncuttable);
      if (plan.chunks.length > 0) {
        this.progress.chunks.planned = plan.chunks.length + plan.remaining.chunks;
        this.callsLeft = callsOf(plan.chunks) + plan.remaining.apiCalls;
        this.phase('loading');
        void this.tell();
        await this.loadAll(plan.chunks);
        if (workflowInfo().continueAsNewSuggested) await this.continue();
      } else if (catalogueWaits && plan.needsCatalogue) {
        await hold.wait(catalogueWaits.untilMs, catalogueWaits.why, 'quota');
        catalogueWaits = await this.readCatalogue();
      } else {
        for (const error of plan.errors) note(state, error);
        if (plan.errors.some(({ code }) => code === 'NotCurrent')) {
          for (const reason of state.reasons.slice(0, REASONS_TOLD)) note(state, reason);
        }
        break;
      }
    }
    if (state.stopped) note(state, state.stopped);
    // Ids that a report named and the catalogue lacks are looked up at once.
    else if (state.mayKnowNewIds) await this.readCatalogue(true);
  }

  /** Loads chunks side by side; the first error that ends the run stops the others from starting. */
  private async loadAll(chunks: readonly Chunk[]): Promise<void> {
    const queue = [...chunks];
    const plannedOn = dateOf(Date.now());
    let fatal: unknown;
    const lane = async (): Promise<void> => {
      while (fatal === undefined && !this.state.stopped) {
        await this.border();
        const chunk = queue.shift();
        if (!chunk || dateOf(Date.now()) !== plannedOn) return;
        this.progress.chunks.planned -= 1;
        this.progress.chunks.running += 1;
        try {
          await loadOne(this.state, this.hold, chunk);
        } catch (error) {
          fatal ??= error;
        }
        this.progress.chunks.running -= 1;
        this.callsLeft -= chunk.apiCalls;
        this.show();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, lane));
    if (fatal !== undefined) throw fatal;
  }

  /** A border between chunks: where a pause takes hold. */
  private async border(): Promise<void> {
    await condition(() => !this.state.paused);
  }

  private async continue(): Promise<void> {
    this.state.totals.waitedForQuotaMs = this.waitedBeforeMs + this.hold.waitedForQuotaMs;
    await continueAsNew<typeof dataflow>(this.spec, this.state);
  }

  private async finish(status: RunStatus): Promise<FlowRun> {
    const record = await this.record(status);
    if (status !== 'failed') return record;
    const last = record.statusSummary.errors.at(-1)!;
    throw ApplicationFailure.create({
      type: last.code,
      message: last.message,
      nonRetryable: true,
      details: [record],
    });
  }

  private async record(status: RunStatus): Promise<FlowRun> {
    this.phase('finishing');
    const { state } = this;
    state.totals.waitedForQuotaMs = this.waitedBeforeMs + this.hold.waitedForQuotaMs;
    const told = this.tell();
    const input = { run: state.prepared!.run, status, totals: state.totals, window: state.window };
    const record = await whileStoreIsLocked(this.hold, () =>
      store.finishRun.executeWithOptions({ summary: `record: ${status}` }, [input]),
    );
    await told;
    if (state.prepared!.alerts) await this.alert(record);
    this.phase('done');
    return record;
  }

  /** That an alert cannot be delivered is no fault of the run's. */
  private async alert(record: FlowRun): Promise<void> {
    const input = { run: this.state.prepared!.run, record };
    try {
      await CancellationScope.nonCancellable(() =>
        alerts.notify.executeWithOptions({ summary: `alert: ${record.status}` }, [input]),
      );
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
    }
  }

  /** Ends at once, leaving the dataflow to the run that is on. */
  private skipped(): FlowRun {
    const { heldBy, run } = this.state.prepared!;
    note(this.state, {
      code: 'Skipped',
      message: `${run.place.dataflow} is being run by ${heldBy} already; this run did nothing`,
    });
    this.phase('done');
    return flowRunRecord('skipped', this.state.totals, {
      id: run.runId,
      startedAtMs: this.state.startedAtMs,
      completedAtMs: Date.now(),
      window: this.state.window,
    });
  }

  /** Leaves a record of a run that failed or was cancelled, then fails as Temporal knows it. */
  async fail(error: unknown): Promise<never> {
    if (this.progress.phase === 'done' || error instanceof ContinueAsNew) throw error;
    const cancelled = isCancellation(error);
    const failure = cancelled ? null : asApplicationFailure(error);
    const { prepared } = this.state;
    if (prepared && prepared.heldBy === undefined) {
      note(
        this.state,
        failure
          ? { code: failure.type ?? 'Error', message: failure.message }
          : { code: 'Cancelled', message: 'The run was cancelled' },
      );
      const status = cancelled ? 'cancelled' : 'failed';
      return CancellationScope.nonCancellable(async () => {
        const record = await this.record(status);
        throw failure
          ? ApplicationFailure.create({
              type: failure.type ?? 'Error',
              message: failure.message,
              nonRetryable: true,
              details: [record],
            })
          : error;
      });
    }
    throw failure ?? error;
  }

  /** Tells the run of several ad accounts, where this one belongs to it. */
  private async tell(): Promise<void> {
    const { parent, workflowId } = workflowInfo();
    const { adAccountId } = this.state.prepared!.run.place;
    if (!parent || workflowId !== `${parent.workflowId}/${adAccountId}`) return;
    const { chunks, rows, apiCalls } = this.snapshot();
    try {
      const news = { adAccountId, chunks, rows, apiCalls: apiCalls.total };
      await getExternalWorkflowHandle(parent.workflowId).signal(accountSignal, news);
    } catch {
      // It has ended: nobody listens.
    }
  }

  private pause(paused: boolean): void {
    this.state.paused = paused;
    this.show();
  }

  private phase(phase: Phase): void {
    this.progress.phase = phase;
    this.show();
  }

  private show(): void {
    setCurrentDetails(detailsOf(this.snapshot(), this.state.totals));
  }

  private snapshot(): DataflowProgress {
    const { totals, window, paused, prepared, startedAtMs } = this.state;
    const { waiting } = this.hold;
    const pace = {
      startedAtMs,
      nowMs: Date.now(),
      callsMade: totals.apiCalls.total,
      callsLeft: this.callsLeft,
    };
    return {
      ...this.progress,
      paused,
      window,
      chunks: { ...this.progress.chunks, done: totals.chunks },
      rows: totals.rows,
      rejectedRows: totals.rejectedRows,
      apiCalls: totals.apiCalls,
      waiting,
      expectedEnd: expectedEnd({ ...pace, quota: prepared?.quota ?? [], waitsUntil: this.hold.until }),
      errors: totals.errors,
    };
  }
}
