// One chunk, from its first call to its commit, with a path for every way it can fail.
import { sleep } from '@temporalio/workflow';
import type { RequestedReport } from '../activities/request-report.js';
import { describeChunk, type Chunk } from '../dataflow/chunk.js';
import { dateOf } from '../dataflow/dates.js';
import { ruleOf } from '../dataflow/failures.js';
import { addError } from '../dataflow/flow-run.js';
import { TRIES_PER_CELL, type FailedChunk } from '../dataflow/gaps.js';
import { REPORT_LIFETIME_MS } from '../dataflow/report-looks.js';
import { pinterest } from './activities.js';
import { ask } from './ask.js';
import { endOfRun, failureOf, isRefusal, spentBy, type Failure } from './failures.js';
import type { Waits } from './waiting.js';
import { addLoaded, retried, spend, type RunState } from './run-state.js';

const MINUTE_MS = 60_000;
/** How a run waits for a new token, or for a network that is gone; also a run that an earlier version prepared. */
const RECOVERY = { pauseMs: MINUTE_MS, patienceMs: 24 * 60 * MINUTE_MS };
const LONGEST_PAUSE_MS = 30 * MINUTE_MS;
/**
 * As many failures in a row, with nothing coming through, say that it is not the chunks: spend no more calls. Cutting
 * one that is too big takes fewer.
 */
const FAILURES_IN_A_ROW = 60;

/** What a chunk keeps between its attempts. */
interface Attempts {
  /** A report that was asked for: it lives an hour, and asking again would cost calls. */
  report: RequestedReport | undefined;
  /** Failed calls that the next attempt asks again. */
  toRetry: number;
}

const read = async (state: RunState, waits: Waits, chunk: Chunk, attempts: Attempts): Promise<void> => {
  const { run, patient, reportPollMs } = state.prepared!;
  const summary = describeChunk(chunk);
  if (chunk.method === 'report' && !attempts.report) {
    const { report, apiCalls } = await ask(pinterest.requestReport, summary, { run, chunk }, state.prepared!);
    spend(state, apiCalls);
    attempts.report = report;
    const why = `Pinterest makes the report: ${summary}`;
    // Replayed: a run that an earlier version began awaits nothing more than it did.
    await (patient
      ? waits.waitForReport(Date.now() + (report.firstLookMs ?? reportPollMs), why)
      : sleep(reportPollMs, { summary: why }));
  }
  const input = { run, chunk, ...(attempts.report ? { report: attempts.report } : {}) };
  addLoaded(state, chunk, await ask(pinterest.loadChunk, summary, input, state.prepared!));
  if (chunk.method === 'report') {
    if (state.reportsLoaded !== undefined) state.reportsLoaded += 1;
    if (chunk.ids === 'all') state.mayKnowNewIds = true;
  }
};

/** Notes a chunk that did not come through, so that the next plan asks smaller, again, or not at all. */
const giveBack = (state: RunState, chunk: Chunk, failure: Failure): void => {
  const { code, kind, said } = failure;
  const saidBefore = said !== undefined && [...state.failed, ...state.toSplit].some((f) => f.said === said);
  if (!saidBefore) state.reasons = addError(state.reasons, { code, message: failure.message });
  state.failuresInARow += 1;
  state.waitsSinceMs = null;
  if (state.failuresInARow >= FAILURES_IN_A_ROW) {
    const message = `${FAILURES_IN_A_ROW} chunks in a row failed and none came through; the run stops before it spends more calls. The last: ${failure.message}`;
    state.stopped = { code, message };
  }
  const { split, tries, reportInstead } = ruleOf(kind);
  const usesUpAll = tries === 'all' || (tries === 'all of a part' && chunk.part);
  const failed: FailedChunk = { chunk, tries: usesUpAll ? TRIES_PER_CELL : 1 };
  if (kind === 'Refused' && said !== undefined) failed.said = said;
  if (reportInstead && chunk.method === 'analytics') failed.refused = true;
  (split ? state.toSplit : state.failed).push(failed);
};

/**
 * Loads a chunk, waiting if that helps. Returns when it is loaded or given back to planning.
 * @throws ApplicationFailure if the whole run cannot go on
 */
export const loadOne = async (state: RunState, waits: Waits, chunk: Chunk): Promise<void> => {
  const plannedOn = dateOf(Date.now());
  const attempts: Attempts = { report: undefined, toRetry: 0 };
  const { patient, mending: { patienceMs, ...recovery } = RECOVERY } = state.prepared!;
  let { pauseMs } = recovery;
  const waitFor = async (failure: Failure, why: string): Promise<void> => {
    // Kept in the state: at midnight the chunk is given back, and the next one waits on.
    state.waitsSinceMs ??= Date.now();
    if (Date.now() - state.waitsSinceMs >= patienceMs) throw endOfRun(failure);
    await waits.wait(Date.now() + pauseMs, why);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };
  const reportIsOn = (): boolean =>
    patient === true &&
    attempts.report !== undefined &&
    Date.now() < attempts.report.askedForMs + REPORT_LIFETIME_MS;
  // What was planned on another day may reach too far back by now: a new plan knows. A report that is on its way is paid for.
  while (dateOf(Date.now()) === plannedOn || reportIsOn()) {
    const { toRetry } = attempts;
    try {
      await read(state, waits, chunk, attempts);
      retried(state, toRetry);
      return;
    } catch (error) {
      spend(state, spentBy(error));
      const failure = failureOf(error);
      spend(state, failure.apiCalls);
      retried(state, Math.min(toRetry, failure.apiCalls.total));
      attempts.toRetry = failure.toRetry;
      const { message, unreachable } = failure;
      const { fault } = ruleOf(failure.kind);
      const nothingYet = state.totals.chunks === 0;
      if (fault === 'run' || (nothingYet && (fault === 'credential' || unreachable))) throw endOfRun(failure);
      if (isRefusal(failure)) {
        if (failure.kind === 'ReportPending') attempts.report = { ...attempts.report!, wasPending: true };
        await waits.waitAsTold(failure);
      } else if (fault === 'store' || unreachable) await waitFor(failure, message);
      else if (fault === 'credential') await waitFor(failure, `a new access token is needed: ${message}`);
      else {
        giveBack(state, chunk, failure);
        return;
      }
    }
  }
};
