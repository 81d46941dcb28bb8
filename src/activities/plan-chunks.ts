// The next few chunks of a run: coverage in, plan out, pure in between.
import { answerFailures, manyReportsLost, reportsAreLost } from '../dataflow/after-failure.js';
import { callsOf, type Chunk } from '../dataflow/chunk.js';
import { datasetKey, describeDataset, isOfDataset } from '../dataflow/object-types.js';
import { dateOf, type DateRange } from '../dataflow/dates.js';
import { emptyInViews } from '../dataflow/fivetran.js';
import type { RunError } from '../dataflow/flow-run.js';
import type { FailedChunk, Gap, Need } from '../dataflow/gaps.js';
import { datasetsOf, windowOf } from '../dataflow/need.js';
import { newestFirst, planNeed } from '../dataflow/plan.js';
import { columnsLeftOut, tellLeftOut, tellRefusals, without, type Refusal } from '../dataflow/refusals.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import type { Dependencies } from './dependencies.js';
import { listed, unknownObjects, type Wanted } from './unknown-objects.js';
import { claimedSpec } from './own-run.js';
import { looksAtReports, needFromStore, scheduledAtMs, type RunRef } from './run.js';

export interface PlanInput {
  run: RunRef;
  /** Chunks that did not come through, with the tries they used up. */
  failed: readonly FailedChunk[];
  /** Chunks that proved too big or were refused: a smaller question may be answered. */
  toSplit: readonly FailedChunk[];
  /** Reports that came through; undefined in a run that an earlier version began. */
  reportsLoaded?: number | undefined;
}

export interface PlanOutput {
  /** To be loaded now, newest dates first. */
  chunks: Chunk[];
  /** Chunks out of `toSplit` that used up tries of their cells: most cannot be cut any further. */
  uncuttable: FailedChunk[];
  /** What is planned beyond `chunks`. */
  remaining: { chunks: number; apiCalls: number };
  window: DateRange;
  /** What stays as it is, for the record; only in an answer without chunks. */
  errors: RunError[];
  /** What a person should know all the same; only in an answer without chunks. */
  notices?: RunError[];
  /** The catalogue has not been read through, and something waits for it. */
  needsCatalogue: boolean;
}

/** So many that workers are busy, so few that fresh numbers and a new plan come soon. */
const CHUNKS_AT_A_TIME = 12;
const MOST_REPORTS_AT_FIRST = 4;

const rangeOf = (need: Need, gaps: readonly Gap[]): string => {
  const stale = gaps.flatMap((gap) => gap.stale);
  return `${need.periods[Math.min(...stale)]!.from} to ${need.periods[Math.max(...stale)]!.to}`;
};

const lastingErrors = (need: Need, unreachable: readonly Gap[], abandoned: readonly Gap[]): RunError[] => {
  const errors: RunError[] = [];
  const ids = (gaps: readonly Gap[]): string =>
    listed(gaps.flatMap((gap) => gap.ids).map((id) => (id === '*' ? 'all' : id)));
  if (unreachable.length > 0) {
    errors.push({
      code: 'OutOfReach',
      message: `No method of Pinterest reaches some cells of ${describeDataset(need)} any more, ${rangeOf(need, unreachable)}; they stay as they are: ${ids(unreachable)}`,
    });
  }
  if (abandoned.length > 0) {
    errors.push({
      code: 'NotCurrent',
      message: `Could not make current some cells of ${describeDataset(need)}, ${rangeOf(need, abandoned)}: ${ids(abandoned)}`,
    });
  }
  return errors;
};

/** What Pinterest refuses the ad account today, with what has just been found out. */
const refusalsOf = async (
  { store }: Dependencies,
  { place: account }: RunRef,
  learned: readonly Refusal[] = [],
): Promise<Refusal[]> => {
  if (learned.length > 0) await store.refusals.keep(account, learned, scheduledAtMs());
  return store.refusals.today(account, scheduledAtMs());
};

/** The needs of all datasets, without the columns that are left out. */
const readNeeds = async (
  dependencies: Dependencies,
  run: RunRef,
  spec: DataflowSpec,
  failed: readonly FailedChunk[],
) => {
  const needs = new Map<string, Need>();
  const all: Wanted[] = [];
  let needsCatalogue = false;
  for (const dataset of datasetsOf(spec)) {
    const { place, startedAtMs } = run;
    const { need, wanted } = await needFromStore(dependencies, place, spec, dataset, startedAtMs, failed);
    needs.set(datasetKey(dataset), need);
    if (wanted.catalogueAtMs === null) needsCatalogue = true;
    all.push({ need, unknown: wanted.unknown });
  }
  return { needs, all, needsCatalogue };
};

/** As long as none has come through, reports are asked for a few at a time, at last one: they may all be lost. */
const firstOf = (
  planned: readonly Chunk[],
  failed: readonly FailedChunk[],
  reportsLoaded: number | undefined,
): Chunk[] => {
  const most = manyReportsLost(failed, reportsLoaded) ? 1 : MOST_REPORTS_AT_FIRST;
  let reports = reportsLoaded === 0 ? most : Infinity;
  return planned.filter(({ method }) => method !== 'report' || reports-- > 0).slice(0, CHUNKS_AT_A_TIME);
};

export const planChunks =
  (dependencies: Dependencies) =>
  async ({ run, failed, toSplit, reportsLoaded }: PlanInput): Promise<PlanOutput> => {
    const claimed = await claimedSpec(dependencies, run);
    const now = scheduledAtMs();
    const today = dateOf(now);
    const { api: profile, columns } = claimed.source;
    const window = windowOf(claimed, now);
    let refusals = await refusalsOf(dependencies, run);
    let leftOut = columnsLeftOut(refusals, columns);
    let { needs, all, needsCatalogue } = await readNeeds(
      dependencies,
      run,
      without(claimed, leftOut),
      failed,
    );
    const knowledge = { needs, failed, reportsLoaded, refusals, profile, today };
    const { parts, settled, learned } = answerFailures(toSplit, knowledge);
    if (learned.length > 0) {
      refusals = await refusalsOf(dependencies, run, learned);
      leftOut = columnsLeftOut(refusals, columns);
      ({ needs, all, needsCatalogue } = await readNeeds(
        dependencies,
        run,
        without(claimed, leftOut),
        failed,
      ));
    }
    // A window of its own is one run's; what the dataflow wants is measured by the rolling one.
    if (!claimed.window)
      await dependencies.store.wanted.keep(run.place, [...needs.values()], claimed.source.backfillDays);
    if (parts.length > 0) {
      return {
        chunks: parts,
        uncuttable: settled,
        remaining: { chunks: 0, apiCalls: 0 },
        window,
        errors: [],
        needsCatalogue,
      };
    }
    const planned: Chunk[] = [];
    const errors: RunError[] = tellLeftOut(leftOut);
    const looks = await looksAtReports(dependencies, claimed);
    const noReports = reportsAreLost([...failed, ...settled], reportsLoaded);
    for (const [key, need] of needs) {
      const reportLooks = looks.get(key)!;
      const lost = settled.filter(({ chunk }) => isOfDataset(chunk, need));
      const plan = planNeed(
        { ...need, failed: [...need.failed, ...lost], noReports },
        { profile, today, refusals, reportLooks },
      );
      planned.push(...plan.chunks.map((chunk) => (leftOut.length > 0 ? { ...chunk, leftOut } : chunk)));
      errors.push(...lastingErrors(need, plan.unreachable, plan.abandoned));
    }
    planned.sort(newestFirst);
    const chunks = firstOf(planned, [...failed, ...settled], reportsLoaded);
    const rest = planned.filter((chunk) => !chunks.includes(chunk));
    const last = chunks.length === 0;
    const notices = [...tellRefusals(refusals), ...emptyInViews(claimed)];
    return {
      chunks,
      uncuttable: settled,
      remaining: { chunks: rest.length, apiCalls: callsOf(rest) },
      window,
      errors: last ? [...(await unknownObjects(dependencies.store, run.place, all)), ...errors] : [],
      ...(last && notices.length > 0 ? { notices } : {}),
      needsCatalogue,
    };
  };
