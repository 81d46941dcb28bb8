// Needs for tests: what a spec wants of one object type, what the store holds of it, and their naive reading.
import {
  ALL,
  fits,
  isStale,
  type CoverageRow,
  type KnownObject,
  type FreshnessCriteria,
} from '../../src/dataflow/coverage.js';
import type { Chunk, Granularity } from '../../src/dataflow/chunk.js';
import { addDays, midnightMs, type DateRange } from '../../src/dataflow/dates.js';
import { objectsOf, type Need } from '../../src/dataflow/gaps.js';
import { periodsIn, rollingWindow } from '../../src/dataflow/window.js';

/** A Wednesday. */
export const TODAY = '2026-07-15';
/** Nine o'clock in the morning of it: when the run started that the tests plan for. */
export const NOW = midnightMs(TODAY) + 9 * 3_600_000;
export const DAY_MS = 86_400_000;

/** `days` days ago; negative ones lie ahead. */
export const ago = (days: number): string => addDays(TODAY, -days);

export const criteriaOf = (more: Partial<FreshnessCriteria> = {}): FreshnessCriteria => ({
  columns: ['CTR', 'SPEND_IN_MICRO_DOLLAR'],
  attribution: '30/30/1',
  granularity: 'DAY',
  restateDays: 30,
  freshSinceMs: NOW,
  rereadFinal: false,
  ...more,
});

/** Objects with the ids 1001, 1002, … */
export const objects = (count: number, firstSeenMs = 0): KnownObject[] =>
  Array.from({ length: count }, (_, i) => ({ id: String(1001 + i), firstSeenMs }));

/** A row that holds all that `criteriaOf()` wants, as of now. */
export const rowOf = (
  scope: string,
  from: string,
  to: string,
  more: Partial<CoverageRow> = {},
): CoverageRow => ({
  scope,
  from,
  to,
  askedForMs: NOW,
  columns: criteriaOf().columns,
  attribution: criteriaOf().attribution,
  granularity: criteriaOf().granularity,
  complete: true,
  knownIdsAtMs: null,
  ...more,
});

export const daysBack = (days: number, granularity: Granularity = 'DAY'): DateRange[] =>
  periodsIn(rollingWindow(TODAY, days), granularity, TODAY);

export const needWith = (more: Partial<Need> = {}): Need => ({
  objectType: 'campaigns',
  selection: 'all',
  objects: objects(3),
  periods: daysBack(7),
  coverage: [],
  criteria: criteriaOf(),
  failed: [],
  ...more,
});

const askedFor = ({ askedForMs, askedAfterDays }: CoverageRow, { to }: DateRange): number =>
  askedAfterDays === undefined ? askedForMs : midnightMs(to) + askedAfterDays * DAY_MS;

/** The row that speaks for a cell, read naively: the newest that holds it, of two as new the one that says less. */
export const claimOf = (
  coverage: readonly CoverageRow[],
  object: KnownObject,
  period: DateRange,
  wanted: FreshnessCriteria,
): CoverageRow | undefined =>
  coverage
    .filter(({ from, to }) =>
      wanted.granularity === 'TOTAL'
        ? from === period.from && to === period.to
        : from <= period.from && period.to <= to,
    )
    .filter(({ scope, knownIdsAtMs }) =>
      scope === ALL ? knownIdsAtMs === null || object.firstSeenMs <= knownIdsAtMs : scope === object.id,
    )
    .sort(
      (a, b) =>
        askedFor(b, period) - askedFor(a, period) ||
        Number(a.complete) - Number(b.complete) ||
        Number(fits(a, wanted)) - Number(fits(b, wanted)),
    )[0];

export const cellName = (id: string, period: DateRange): string => `${id} ${period.from}`;

/** Names of all stale cells of a need, cell by cell. */
export const staleCells = (need: Need): Set<string> => {
  const stale = new Set<string>();
  const byScope = new Map<string, CoverageRow[]>();
  for (const row of need.coverage) byScope.set(row.scope, [...(byScope.get(row.scope) ?? []), row]);
  for (const object of objectsOf(need)) {
    const rows = [...(byScope.get(ALL) ?? []), ...(byScope.get(object.id) ?? [])];
    for (const period of need.periods) {
      const claim = rows.length === 0 ? undefined : claimOf(rows, object, period, need.criteria);
      if (isStale(claim, period, need.criteria)) stale.add(cellName(object.id, period));
    }
  }
  return stale;
};

/** The periods a chunk reads. */
export const periodsOf = (chunk: Chunk, need: Need): DateRange[] =>
  need.periods.filter(({ from }) => chunk.from <= from && from <= chunk.to);

/** The ids a chunk reads, as far as a need knows them. */
export const idsOf = (chunk: Chunk, need: Need): string[] =>
  typeof chunk.ids === 'string' ? objectsOf(need).map(({ id }) => id) : chunk.ids;
