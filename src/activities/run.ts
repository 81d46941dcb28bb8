// What all activities of a run share: which run it is, its needs, its way to Pinterest.
import { Context } from '@temporalio/activity';
import type { Chunk } from '../dataflow/chunk.js';
import { datasetKey, type Dataset } from '../dataflow/object-types.js';
import type { DateRange } from '../dataflow/dates.js';
import { isFinal } from '../dataflow/coverage.js';
import type { FailedChunk, Need } from '../dataflow/gaps.js';
import { datasetsOf, needOf, wantedObjects, type WantedObjects } from '../dataflow/need.js';
import { looksExpected } from '../dataflow/report-looks.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import type { Caller } from '../pinterest/transport.js';
import type { LeaseClass } from '../quota/budget/budget-state.js';
import type { GateOptions } from '../quota/permits/gates.js';
import type { DataflowAccount } from '../store/store.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';

/** Travels from `prepareRun` through the workflow to every other activity. */
export interface RunRef {
  /** `place` in histories: the name stays. */
  place: DataflowAccount;
  credential: string;
  /** When the run started, server's time, epoch ms. */
  startedAtMs: number;
  /** The flow run's id. */
  runId: string;
  /** Of a repair: the dates within which cells that are noted as incomplete are read again, and nothing else. */
  repair?: DateRange;
}

/** The server's time at which this attempt was scheduled: never a worker's clock. */
export const scheduledAtMs = (): number => Context.current().info.currentAttemptScheduledTimestampMs;

/** Whose calls they are, for the budget; cells that are not final go before backfill. */
export interface CallerOptions extends Partial<GateOptions> {
  dataflow: string;
  credential: string;
}

export const callerOf = (
  { credentials, gates }: Dependencies,
  { credential, ...options }: CallerOptions,
): Caller => {
  const counter = counts();
  const { dataflow, class: leaseClass = 'fresh' } = options;
  const renewal = { gate: gates.gate({ dataflow, class: leaseClass }), counter };
  return {
    token: (refused) => credentials.token(credential, renewal, refused),
    gate: gates.gate({ class: 'fresh', ...options }),
    counter,
    signal: Context.current().cancellationSignal,
  };
};

/** Whose calls they are that somebody waits for beside any run; no dataflow can be called so. */
const QUESTIONS = '(questions)';

/** @param need calls that have to be at hand before the first may leave; nobody who asks beside it takes one of them */
export const askerOf = (dependencies: Dependencies, credential: string, need = 1): Caller =>
  callerOf(dependencies, {
    dataflow: QUESTIONS,
    class: 'question',
    credential,
    ...(need > 1 && { need, keptFor: Context.current().info.workflowExecution!.runId }),
  });

/** Whose turn a chunk's calls are: `fresh` if some of its cells are not final. */
export const leaseClassOf = (chunk: Chunk, spec: DataflowSpec): LeaseClass =>
  isFinal(scheduledAtMs(), { from: chunk.to, to: chunk.to }, spec.source.restateDays) ? 'backfill' : 'fresh';

/** The objects a spec wants, of one dataset, as far as the catalogue in the store is read. */
export const wantedFromStore = async (
  { store }: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
  dataset: Dataset,
): Promise<WantedObjects & { catalogueAtMs: number | null }> => {
  const { readAtMs, objects } = await store.catalogue.known(account, dataset.objectType);
  return { ...wantedObjects(spec, dataset, { objects }), catalogueAtMs: readAtMs };
};

/**
 * Looks that reports of each of a spec's datasets are expected to take, by the dataset's key.
 * @param ofOthers another dataflow's figures are taken, if there are none
 */
export const looksAtReports = async (
  { store }: Dependencies,
  spec: DataflowSpec,
  { ofOthers = false } = {},
): Promise<Map<string, number>> => {
  const { granularity } = spec.source;
  const datasets = datasetsOf(spec);
  const kinds = datasets.map((dataset) => ({ dataset, granularity }));
  const known = await store.reportTimes.known(spec.name, kinds, ofOthers);
  return new Map(datasets.map((dataset, i) => [datasetKey(dataset), looksExpected(known[i]!)]));
};

export const needFromStore = async (
  dependencies: Dependencies,
  account: DataflowAccount,
  spec: DataflowSpec,
  dataset: Dataset,
  startedAtMs: number,
  failed: readonly FailedChunk[] = [],
): Promise<{ need: Need; wanted: WantedObjects & { catalogueAtMs: number | null } }> => {
  const wanted = await wantedFromStore(dependencies, account, spec, dataset);
  const coverage = await dependencies.store.cells.coverage(account, dataset);
  const moment = { startedAtMs, nowMs: scheduledAtMs() };
  return { need: needOf(spec, dataset, wanted, coverage, moment, failed), wanted };
};
