// The dataflow: a run that makes the destination converge to what Pinterest has, and ends with its record.
import {
  CancellationScope,
  ContinueAsNew,
  condition,
  isCancellation,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import { callsOf, type Chunk } from '../dataflow/chunk.js';
import { dateOf } from '../dataflow/dates.js';
import { flowRunRecord, type FlowRun, type RunStatus } from '../dataflow/flow-run.js';
import type { AccountsState } from './accounts-state.js';
import { namesSeveral, runAccounts } from './accounts.js';
import { store } from './activities.js';
import { believed } from './carried.js';
import type { Dataflow, DataflowProgress, Phase } from './contract.js';
import { deliver } from './deliver.js';
import { asApplicationFailure, failedRun, type Refusal } from './failures.js';
import { startLanes } from './lanes.js';
import { loadOne } from './load-one.js';
import { notifyParent, notifyWebhook } from './notify.js';
import { detailsOf, emptyProgress, endOf, progressOf } from './progress.js';
import { readCatalogue } from './read-catalogue.js';
import { runOutcome } from './run-outcome.js';
import { newState, note, tell, type RunState } from './run-state.js';
import { steer } from './steering.js';
import { continueDataflow, pinned } from './versioning.js';
import { FirstStep, showBegun, showEnded } from './visibility.js';
import { Waits, whileStoreIsLocked } from './waiting.js';

/** Reasons that a record gives for cells that could not be made current. */
const REASONS_TOLD = 5;
/** Chunks side by side. */
const CHUNKS_AT_ONCE = 4;
const ANOTHER_RUN_POLL_MS = 15_000;
const ANOTHER_RUN_LONGEST_POLL_MS = 300_000;

/**
 * Runs a dataflow once; if the spec names several ad accounts, as one run for each.
 * @param spec the dataflow spec, as a person wrote it
 * @param carried the state of this run so far, if it continues as new
 */
export async function dataflow(spec: unknown, carried?: RunState | AccountsState): Promise<FlowRun> {
  const soFar = believed(carried);
  if (namesSeveral(spec)) return runAccounts(spec, soFar as AccountsState | undefined);
  const state = (soFar as RunState | undefined) ?? newState(workflowInfo().startTime.getTime());
  const run = new Run(spec, state);
  try {
    return await run.execute();
  } catch (error) {
    return run.fail(error);
  }
}

pinned(dataflow satisfies Dataflow);

class Run {
  private readonly waits = new Waits(() => this.show());
  private readonly waitedBeforeMs: number;
  private readonly progress: DataflowProgress;
  private ended = false;
  private readonly firstStep: FirstStep;
  /** API calls that the planned chunks are expected to take. */
  private callsLeft = 0;

  constructor(
    private readonly spec: unknown,
    private readonly state: RunState,
  ) {
    this.firstStep = new FirstStep(spec);
    this.waitedBeforeMs = state.totals.waitedForQuotaMs;
    this.progress = emptyProgress(state.startedAtMs);
    // It has one ad account, and no other run to hear from.
    const hear = (): boolean => false;
    steer({ state, hear, progress: () => this.snapshot(), pause: (paused) => this.pause(paused) });
  }

  async execute(): Promise<FlowRun> {
    if (!(await this.prepare())) return this.skipped();
    await this.converge();
    await this.deliver();
    return this.finish(runOutcome(this.state));
  }

  /** False if another run holds the dataflow. */
  private async prepare(): Promise<boolean> {
    const { state } = this;
    let pollMs = ANOTHER_RUN_POLL_MS;
    while (!state.prepared || state.prepared.heldBy !== undefined) {
      const input = {
        spec: this.spec,
        startedAtMs: state.startedAtMs,
        runId: workflowInfo().firstExecutionRunId,
      };
      state.prepared = await whileStoreIsLocked(this.waits, () =>
        this.firstStep.take(
          store().prepareRun.executeWithOptions({ summary: 'check the spec, claim the dataflow' }, [input]),
        ),
      );
      state.window = state.prepared.window;
      const { heldBy, onDemand, run, searchAttributes } = state.prepared;
      if (searchAttributes) showBegun(run.place.dataflow, run.place.adAccountId);
      if (heldBy === undefined) break;
      if (!onDemand) return false;
      this.phase('waiting for another run');
      if (workflowInfo().continueAsNewSuggested) await this.continue();
      await this.waits.wait(Date.now() + pollMs, `the workflow ${heldBy} runs this dataflow`);
      pollMs = Math.min(pollMs * 2, ANOTHER_RUN_LONGEST_POLL_MS);
    }
    for (const notice of state.prepared.notices ?? []) tell(state, notice);
    const { place } = state.prepared.run;
    this.progress.dataflow = place.dataflow;
    this.progress.adAccountId = place.adAccountId;
    return true;
  }

  private readCatalogue(onlyTurnedUp = false): Promise<Refusal | null> {
    this.phase('reading the catalogue');
    return readCatalogue(this.state, this.waits, onlyTurnedUp);
  }

  /** Until nothing is stale: plan the next few chunks, load them side by side. */
  private async converge(): Promise<void> {
    const { state, waits } = this;
    let catalogueWaits = state.catalogueRead ? null : await this.readCatalogue();
    while (!state.stopped) {
      await this.chunkBoundary();
      this.phase('planning');
      const { failed, toSplit, reportsLoaded } = state;
      const plan = await whileStoreIsLocked(waits, () =>
        store().planChunks.executeWithOptions({ summary: 'what is missing or out of date' }, [
          { run: state.prepared!.run, failed, toSplit, reportsLoaded },
        ]),
      );
      state.window = plan.window;
      state.toSplit = [];
      state.failed.push(...plan.uncuttable);
      if (plan.chunks.length > 0) {
        this.progress.chunks.planned = plan.chunks.length + plan.remaining.chunks;
        this.callsLeft = callsOf(plan.chunks) + plan.remaining.apiCalls;
        this.phase('loading');
        void this.notifyParent();
        await this.loadAll(plan.chunks);
        if (workflowInfo().continueAsNewSuggested) await this.continue();
      } else if (catalogueWaits && plan.needsCatalogue) {
        await waits.waitForQuota(catalogueWaits);
        catalogueWaits = await this.readCatalogue();
      } else {
        for (const error of plan.errors) note(state, error);
        for (const notice of plan.notices ?? []) tell(state, notice);
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
    const load = async (chunk: Chunk): Promise<void> => {
      this.progress.chunks.planned -= 1;
      this.progress.chunks.running += 1;
      try {
        await loadOne(this.state, this.waits, chunk);
      } catch (error) {
        fatal ??= error;
      }
      this.progress.chunks.running -= 1;
      this.callsLeft -= chunk.apiCalls;
      this.show();
    };
    const lanes = startLanes({
      count: CHUNKS_AT_ONCE,
      goesOn: () => fatal === undefined && !this.state.stopped,
      boundary: () => this.chunkBoundary(),
      next: () => (dateOf(Date.now()) === plannedOn ? queue.shift() : undefined),
      work: load,
    });
    await Promise.all(lanes);
    if (fatal !== undefined) throw fatal;
  }

  /** To each target what it lacks. */
  private async deliver(): Promise<void> {
    const { state, waits } = this;
    if (!state.prepared!.targets) return;
    await this.chunkBoundary();
    this.phase('delivering');
    const delivered = await deliver({
      state,
      waits,
      boundary: () => this.chunkBoundary(),
      show: () => this.show(),
    });
    if (!delivered) await this.continue();
  }

  /** Where a pause takes hold. */
  private chunkBoundary(): Promise<void> {
    return condition(() => !this.state.paused);
  }

  private async continue(): Promise<void> {
    this.state.totals.waitedForQuotaMs = this.waitedBeforeMs + this.waits.waitedForQuotaMs;
    await continueDataflow(this.spec, this.state);
  }

  private async finish(status: RunStatus): Promise<FlowRun> {
    const record = await this.record(status);
    if (status !== 'failed') return record;
    const last = record.statusSummary.errors.at(-1)!;
    throw failedRun(last.code, last.message, record);
  }

  private async record(status: RunStatus): Promise<FlowRun> {
    this.phase('finishing');
    const { state } = this;
    state.totals.waitedForQuotaMs = this.waitedBeforeMs + this.waits.waitedForQuotaMs;
    const notified = this.notifyParent();
    const input = { run: state.prepared!.run, status, totals: state.totals, window: state.window };
    const record = await whileStoreIsLocked(this.waits, () =>
      store().finishRun.executeWithOptions({ summary: `record: ${status}` }, [input]),
    );
    await notified;
    if (state.prepared!.alerts) await notifyWebhook(state.prepared!.run, record);
    this.end(status);
    return record;
  }

  /** Ends at once, leaving the dataflow to the run that holds it. */
  private skipped(): FlowRun {
    const { heldBy, run } = this.state.prepared!;
    note(this.state, {
      code: 'Skipped',
      message: `${run.place.dataflow} is already being run by ${heldBy}; this run did nothing`,
    });
    this.end('skipped');
    return flowRunRecord('skipped', this.state.totals, {
      id: run.runId,
      startedAtMs: this.state.startedAtMs,
      completedAtMs: Date.now(),
      window: this.state.window,
    });
  }

  /** Leaves a record of a run that failed or was cancelled, then fails as Temporal knows it. */
  async fail(error: unknown): Promise<never> {
    if (this.ended || error instanceof ContinueAsNew) throw error;
    const cancelled = isCancellation(error);
    const failure = cancelled ? null : asApplicationFailure(error);
    note(
      this.state,
      failure
        ? { code: failure.type ?? 'Error', message: failure.message }
        : { code: 'Cancelled', message: 'The run was cancelled' },
    );
    const status = cancelled ? 'cancelled' : 'failed';
    const { prepared } = this.state;
    try {
      if (!prepared || prepared.heldBy !== undefined) throw failure ?? error;
      const record = await CancellationScope.nonCancellable(() => this.record(status));
      throw failure ? failedRun(failure.type ?? 'Error', failure.message, record) : error;
    } finally {
      this.end(status);
    }
  }

  private notifyParent(): Promise<void> {
    return notifyParent(this.state.prepared!.run.place.adAccountId, this.snapshot());
  }

  private pause(paused: boolean): void {
    this.state.paused = paused;
    this.show();
  }

  /** `progress` ends as the run does. */
  private end(status: RunStatus): void {
    const { prepared, startedAtMs } = this.state;
    if (!this.ended && prepared?.searchAttributes) showEnded(status, startedAtMs);
    if (!this.ended && !prepared) this.firstStep.showRefused(status);
    this.ended = true;
    this.phase(endOf(status));
  }

  private phase(phase: Phase): void {
    this.progress.phase = phase;
    this.show();
  }

  private show(): void {
    setCurrentDetails(detailsOf(this.snapshot(), this.state.totals));
  }

  private snapshot(): DataflowProgress {
    return progressOf(this.progress, this.state, this.waits, this.callsLeft);
  }
}
