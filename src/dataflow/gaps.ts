// wanted − held = stale: the cells of one dataset that a run still has to close, objects with the same gap together.
import type { Chunk, Method } from './chunk.js';
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
  /** Whatever report this run asked for was lost: no more of them. */
  noReports?: boolean;
}

export interface FailedChunk {
  chunk: Chunk;
  /** How many of a cell's three tries it used up. */
  tries: number;
  /** What Pinterest said as it refused it; left out for other failures. */
  said?: string;
  /** Its method does not read these cells, however they are asked for; the other one may. */
  refused?: true;
}

export const TRIES_PER_CELL = 3;

/** Reports of a cell that were lost, after which analytics calls are made if they reach it, whatever they cost. */
const MOST_LOST_REPORTS = 2;

export interface Gap {
  ids: string[];
  /** Indices into the need's periods, ascending. */
  stale: number[];
  /** Methods that came to nothing for these cells, in this run; left out if there are none. */
  avoid?: readonly Method[];
}

/** The objects to plan for: those wanted, or the one that stands for all while the catalogue is unknown. */
export const objectsOf = (need: Need): readonly KnownObject[] =>
  need.objects ?? (need.selection === 'all' ? [UNKNOWN_OBJECTS] : []);

const concerns = (chunk: Chunk, id: string): boolean =>
  typeof chunk.ids === 'string' || chunk.ids.includes(id);

/** What this run has seen of a cell: the methods that are left for it, or none. */
const methodsToAvoid = (
  { failed, noReports }: Need,
  id: string,
  period: DateRange,
  analyticsRead: boolean,
): Method[] | 'given up' => {
  const own = failed.filter(({ chunk }) => concerns(chunk, id) && overlaps(chunk, period));
  if (own.reduce((tries, failure) => tries + failure.tries, 0) >= TRIES_PER_CELL) return 'given up';
  const by = (method: Method): FailedChunk[] => own.filter(({ chunk }) => chunk.method === method);
  const refuses = (method: Method): boolean => by(method).some(({ refused }) => refused);
  const analytics = refuses('analytics');
  const lost = by('report').length >= MOST_LOST_REPORTS && analyticsRead && !analytics;
  const report = noReports || refuses('report') || lost;
  if (analytics && report) return 'given up';
  return [...(analytics ? (['analytics'] as const) : []), ...(report ? (['report'] as const) : [])];
};

/**
 * Stale cells of a need; `abandoned` are those that three chunks could not make current, or no method.
 * @param analyticsRead whether analytics calls read a period, by its index
 */
export const findGaps = (
  need: Need,
  analyticsRead: (period: number) => boolean = () => false,
): { gaps: Gap[]; abandoned: Gap[] } => {
  const index = new CoverageIndex(need.coverage);
  const stalePeriods = new Map<string, number[]>();
  const gaps = new Map<string, Gap>();
  const abandoned = new Map<string, Gap>();
  const put = (into: Map<string, Gap>, id: string, stale: number[], avoid = ''): void => {
    if (stale.length === 0) return;
    const key = `${avoid}:${stale.join()}`;
    const gap = into.get(key);
    if (gap) gap.ids.push(id);
    else into.set(key, { ids: [id], stale, ...(avoid ? { avoid: avoid.split('+') as Method[] } : {}) });
  };

  for (const object of objectsOf(need)) {
    const key = index.keyOf(object);
    let stale = stalePeriods.get(key);
    if (!stale) {
      const rows = index.of(object);
      stale = need.periods.flatMap((period, i) =>
        isStale(newest(rows, period, need.criteria), period, need.criteria) ? [i] : [],
      );
      stalePeriods.set(key, stale);
    }
    if (need.failed.length === 0 && !need.noReports) {
      put(gaps, object.id, stale);
      continue;
    }
    const byMethods = new Map<string, number[]>();
    for (const i of stale) {
      const avoid = methodsToAvoid(need, object.id, need.periods[i]!, analyticsRead(i));
      const key = avoid === 'given up' ? avoid : avoid.join('+');
      byMethods.set(key, [...(byMethods.get(key) ?? []), i]);
    }
    for (const [key, cells] of byMethods) {
      if (key === 'given up') put(abandoned, object.id, cells);
      else put(gaps, object.id, cells, key);
    }
  }
  return { gaps: [...gaps.values()], abandoned: [...abandoned.values()] };
};
