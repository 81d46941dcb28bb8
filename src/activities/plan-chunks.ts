// The next few chunks of a run: coverage in, plan out, pure in between.
import { bisect } from '../dataflow/bisect.js';
import { callsOf, type Chunk } from '../dataflow/chunk.js';
import { datasetKey, describeDataset, isOfDataset } from '../dataflow/object-types.js';
import { dateOf, type DateRange } from '../dataflow/dates.js';
import type { RunError } from '../dataflow/flow-run.js';
import { objectsOf, type FailedChunk, type Gap, type Need } from '../dataflow/gaps.js';
import { datasetsOf, windowOf } from '../dataflow/need.js';
import { newestFirst, planNeed } from '../dataflow/plan.js';
import type { Dependencies } from './dependencies.js';
import { listed, unknownObjects, type Wanted } from './unknown-objects.js';
import { claimedSpec } from './own-run.js';
import { needFromStore, scheduledAtMs, type RunRef } from './run.js';

export interface PlanInput {
  run: RunRef;
  /** Chunks that did not come through, with the tries they used up. */
  failed: readonly FailedChunk[];
  /** Chunks that proved too big or were refused: to be cut in two. `tries` are used up if that cannot be. */
  toSplit: readonly FailedChunk[];
}

export interface PlanOutput {
  /** To be loaded now, newest dates first. */
  chunks: Chunk[];
  /** Chunks that cannot be cut any further. */
  uncuttable: FailedChunk[];
  /** What is planned beyond `chunks`. */
  remaining: { chunks: number; apiCalls: number };
  window: DateRange;
  /** What stays as it is, for the record; only in an answer without chunks. */
  errors: RunError[];
  /** The catalogue has not been read through, and something waits for it. */
  needsCatalogue: boolean;
}

/** So many that workers are busy, so few that fresh numbers and a new plan come soon. */
const CHUNKS_AT_A_TIME = 12;

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

const splitAll = (toSplit: readonly FailedChunk[], needs: ReadonlyMap<string, Need>, today: string) => {
  const halves: Chunk[] = [];
  const uncuttable: FailedChunk[] = [];
  for (const failed of toSplit) {
    const { chunk } = failed;
    const need = needs.get(datasetKey(chunk))!;
    const ids = objectsOf(need).map(({ id }) => id);
    const cut = bisect(chunk, ids, need.periods, today);
    if (cut) halves.push(...cut);
    else uncuttable.push(failed);
  }
  return { halves, uncuttable };
};

export const planChunks =
  (dependencies: Dependencies) =>
  async ({ run, failed, toSplit }: PlanInput): Promise<PlanOutput> => {
    const spec = await claimedSpec(dependencies, run);
    const now = scheduledAtMs();
    const today = dateOf(now);
    const needs = new Map<string, Need>();
    const all: Wanted[] = [];
    let needsCatalogue = false;
    for (const dataset of datasetsOf(spec)) {
      const { need, wanted } = await needFromStore(
        dependencies,
        run.place,
        spec,
        dataset,
        run.startedAtMs,
        failed,
      );
      needs.set(datasetKey(dataset), need);
      if (wanted.catalogueAtMs === null) needsCatalogue = true;
      all.push({ need, unknown: wanted.unknown });
    }
    const window = windowOf(spec, now);
    const { halves, uncuttable } = splitAll(toSplit, needs, today);
    if (halves.length > 0) {
      return {
        chunks: halves,
        uncuttable,
        remaining: { chunks: 0, apiCalls: 0 },
        window,
        errors: [],
        needsCatalogue,
      };
    }
    const planned: Chunk[] = [];
    const errors: RunError[] = [];
    for (const need of needs.values()) {
      const lost = uncuttable.filter(({ chunk }) => isOfDataset(chunk, need));
      const plan = planNeed(
        { ...need, failed: [...need.failed, ...lost] },
        { profile: spec.source.api, today },
      );
      planned.push(...plan.chunks);
      errors.push(...lastingErrors(need, plan.unreachable, plan.abandoned));
    }
    planned.sort(newestFirst);
    const chunks = planned.slice(0, CHUNKS_AT_A_TIME);
    const rest = planned.slice(CHUNKS_AT_A_TIME);
    return {
      chunks,
      uncuttable,
      remaining: { chunks: rest.length, apiCalls: callsOf(rest) },
      window,
      errors:
        chunks.length > 0 ? [] : [...(await unknownObjects(dependencies.store, run.place, all)), ...errors],
      needsCatalogue,
    };
  };
