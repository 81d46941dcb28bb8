// How fresh is what the store holds, for those who watch: the same wanted − held as planning, as of today.
import type { Dataset } from './object-types.js';
import { finalUntil, isStale, type CoverageRow } from './coverage.js';
import { addDays, dateOf, earlier, midnightMs, type DateOnly } from './dates.js';
import type { Need } from './gaps.js';
import { needOf, wantedObjects, type Catalogue } from './need.js';
import { countStale } from './plan.js';
import type { DataflowSpec } from './spec.js';
import { periodsIn } from './window.js';

/** What the store holds of one dataset. */
export interface Held extends Catalogue {
  coverage: readonly CoverageRow[];
}

export interface Freshness {
  /** Cells that are wanted, not held as of today (UTC), and still within Pinterest's reach. */
  staleCells: number;
  /** When the newest final cell that is held ended, epoch ms; null if none is final. */
  newestFinalEndMs: number | null;
}

/** The last date of the newest cell that no later run would read again. */
export const newestFinal = ({ coverage, criteria }: Need, today: DateOnly): DateOnly | null => {
  const lasting = { ...criteria, freshSinceMs: Number.POSITIVE_INFINITY };
  let best: DateOnly | null = null;
  for (const row of coverage) {
    const range = { from: row.from, to: earlier(row.to, finalUntil(row.askedForMs, criteria.restateDays)) };
    if (best !== null && range.to <= best) continue;
    // A TOTAL is one cell that cannot be cut.
    const periods = criteria.granularity === 'TOTAL' ? [row] : periodsIn(range, criteria.granularity, today);
    const last = periods.at(-1);
    if (last && !isStale(row, last, lasting) && (best === null || last.to > best)) best = last.to;
  }
  return best;
};

/** An on-demand window is one run's own: what the dataflow wants is measured by its rolling window. */
export const freshnessOf = (
  spec: DataflowSpec,
  dataset: Dataset,
  { objects, coverage }: Held,
  nowMs: number,
): Freshness => {
  const rolling = { ...spec, window: undefined };
  const wanted = wantedObjects(rolling, dataset, { objects });
  const need = needOf(rolling, dataset, wanted, coverage, { startedAtMs: 0, nowMs });
  const today = dateOf(nowMs);
  const newest = newestFinal(need, today);
  return {
    staleCells: countStale(need, { profile: spec.source.api, today }),
    newestFinalEndMs: newest === null ? null : midnightMs(addDays(newest, 1)),
  };
};
