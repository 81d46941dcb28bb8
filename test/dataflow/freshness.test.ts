// How fresh a store is: the same subtraction as planning, and the newest cell that is final.
import fc from 'fast-check';
import { isStale, type CoverageRow } from '../../src/dataflow/coverage.js';
import { addDays, daysIn, midnightMs } from '../../src/dataflow/dates.js';
import { freshnessOf, newestFinal } from '../../src/dataflow/freshness.js';
import { attributionOf } from '../../src/dataflow/need.js';
import { countStale, planNeed } from '../../src/dataflow/plan.js';
import { needs } from './arbitrary-needs.js';
import { ago, DAY_MS, needWith, NOW, rowOf, staleCells, TODAY, criteriaOf } from './needs.js';
import type { Dataset } from '../../src/dataflow/object-types.js';
import { minimal, parse } from './specs.js';
import { runs } from '../support/random.js';

const CAMPAIGNS: Dataset = { objectType: 'campaigns' };

const SPEC = parse(minimal({ columns: criteriaOf().columns, backfillDays: 60, restateDays: 30 }));
const row = (from: string, to: string, more: Partial<CoverageRow> = {}): CoverageRow =>
  rowOf('*', from, to, { attribution: attributionOf(SPEC), ...more });
const objects = Array.from({ length: 3 }, (_, i) => ({ id: String(i), name: null, firstSeenMs: 0 }));
const endOf = (date: string): number => midnightMs(addDays(date, 1));

test('stale cells are all that a run would read, and what it says is out of reach is not counted', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      fc.pre(need.objects !== null);
      const { unreachable } = planNeed(need, settings);
      const lost = unreachable.reduce((cells, { ids, stale }) => cells + ids.length * stale.length, 0);
      expect(countStale(need, settings)).toBe(staleCells(need).size - lost);
    }),
    runs(100),
  );
});

test('while the catalogue is unknown, every date counts once', () => {
  const need = needWith({ objects: null });
  expect(countStale(need, { profile: 'current', today: TODAY })).toBe(need.periods.length);
});

test('the newest final cell is the newest that no later run would read again', () => {
  fc.assert(
    fc.property(needs(['DAY', 'HOUR', 'TOTAL']), ({ need }) => {
      const criteria = { ...need.criteria, rereadFinal: false };
      const lasting = { ...criteria, freshSinceMs: Number.POSITIVE_INFINITY };
      const ends = need.coverage.flatMap((held) => {
        const days = Array.from({ length: daysIn(held) }, (_, i) => addDays(held.from, i));
        const periods =
          criteria.granularity === 'TOTAL' ? [held] : days.map((day) => ({ from: day, to: day }));
        return periods.filter((period) => !isStale(held, period, lasting)).map(({ to }) => to);
      });
      expect(newestFinal({ ...need, criteria }, TODAY)).toBe(ends.sort().at(-1) ?? null);
    }),
    runs(100),
  );
});

test.each([
  // 2026-07-15 is a Wednesday; with 30 days of restatement 2026-06-13, a Saturday, is the newest final date.
  ['WEEK', '2026-05-04', '2026-07-19', '2026-06-07'],
  ['MONTH', '2026-03-01', '2026-07-31', '2026-05-31'],
] as const)('a %s is final when all of it is', (granularity, from, to, last) => {
  const criteria = criteriaOf({ granularity });
  expect(newestFinal(needWith({ criteria, coverage: [rowOf('*', from, to, { granularity })] }), TODAY)).toBe(
    last,
  );
});

test('when runs stop, cells grow stale from the next midnight on, and the newest final one does not move', () => {
  const coverage = [row(ago(59), TODAY)];
  const seen = [0, 1, 2, 10].map((days) =>
    freshnessOf(SPEC, CAMPAIGNS, { objects, coverage }, NOW + days * DAY_MS),
  );
  // 2 days more than are restated, for time zones: dates 0 … 31 days back are not final yet.
  expect(seen).toEqual(
    [0, 33, 34, 42].map((dates) => ({ staleCells: 3 * dates, newestFinalEndMs: endOf(ago(32)) })),
  );
});

test('nothing held: all of the rolling window is stale, whatever window the last run was asked for', () => {
  const held = { objects, coverage: [] };
  for (const window of [undefined, { from: ago(300), to: ago(290) }])
    expect(freshnessOf({ ...SPEC, window }, CAMPAIGNS, held, NOW)).toEqual({
      staleCells: 180,
      newestFinalEndMs: null,
    });
});
