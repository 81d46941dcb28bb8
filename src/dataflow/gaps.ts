// wanted − held = stale: the cells of one dataset that a run still has to close, objects with the same gap together.
import type { Chunk } from './chunk.js';
import type { Dataset } from './object-types.js';
import {
  CoverageIndex,
  isStale,
  newest,
  UNKNOWN_OBJECTS,
  type CoverageRow,
  type KnownObject,
  type FreshnessCriteria,
} from './coverage.js';
import type { DateRange } from './dates.js';
import { overlaps } from './ranges.js';

/** One dataset of a spec, with all that planning needs to know of it. */
export interface Need extends Dataset {
  /** Whether the spec wants every object of the type, or those in `objects`. */
  selection: 'all' | 'some';
  /** The wanted objects that the account has; null if the catalogue has not been read through. */
  objects: readonly KnownObject[] | null;
  /** Oldest first. */
  periods: readonly DateRange[];
  coverage: readonly CoverageRow[];
  criteria: FreshnessCriteria;
  /** Chunks of this run that did not come through. A cell in three of them is given up. */
  failed: readonly FailedChunk[];
}

export interface FailedChunk {
  chunk: Chunk;
  /** How many of a cell's three tries it used up. */
  tries: number;
}

export const TRIES_PER_CELL = 3;

export interface Gap {
  ids: string[];
  /** Indices into the need's periods, ascending. */
  stale: number[];
}

/** The objects to plan for: those wanted, or the one that stands for all while the catalogue is unknown. */
export const objectsOf = (need: Need): readonly KnownObject[] =>
  need.objects ?? (need.selection === 'all' ? [UNKNOWN_OBJECTS] : []);

const concerns = (chunk: Chunk, id: string): boolean =>
  typeof chunk.ids === 'string' || chunk.ids.includes(id);

const givenUp = (need: Need, id: string, period: DateRange): boolean =>
  need.failed
    .filter(({ chunk }) => concerns(chunk, id) && overlaps(chunk, period))
    .reduce((tries, failure) => tries + failure.tries, 0) >= TRIES_PER_CELL;

/** Stale cells of a need; `abandoned` are those that three chunks could not make current. */
export const findGaps = (need: Need): { gaps: Gap[]; abandoned: Gap[] } => {
  const index = new CoverageIndex(need.coverage);
  const stalePeriods = new Map<string, number[]>();
  const gaps = new Map<string, Gap>();
  const abandoned = new Map<string, Gap>();
  const put = (into: Map<string, Gap>, id: string, stale: number[]): void => {
    if (stale.length === 0) return;
    const key = stale.join();
    const gap = into.get(key);
    if (gap) gap.ids.push(id);
    else into.set(key, { ids: [id], stale });
  };

  for (const object of objectsOf(need)) {
    const key = index.keyOf(object);
    let stale = stalePeriods.get(key);
    if (!stale) {
      const rows = index.of(object);
      stale = need.periods.flatMap((period, i) =>
        isStale(newest(rows, period, need.criteria.granularity), period, need.criteria) ? [i] : [],
      );
      stalePeriods.set(key, stale);
    }
    if (need.failed.length === 0) {
      put(gaps, object.id, stale);
      continue;
    }
    const lost = new Set(stale.filter((i) => givenUp(need, object.id, need.periods[i]!)));
    put(
      gaps,
      object.id,
      stale.filter((i) => !lost.has(i)),
    );
    put(abandoned, object.id, [...lost]);
  }
  return { gaps: [...gaps.values()], abandoned: [...abandoned.values()] };
};
