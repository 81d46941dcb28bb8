// What is forgotten is stale, whenever it was asked for; everything else stays as it was.
import fc from 'fast-check';
import {
  advance,
  ALL,
  CoverageIndex,
  isStale,
  newest,
  type CoverageRow,
} from '../../src/dataflow/coverage.js';
import { addDays, type DateRange } from '../../src/dataflow/dates.js';
import { forget, type Forgetting } from '../../src/dataflow/forget.js';
import { ago, criteriaOf, NOW, rowOf, TODAY } from './needs.js';

const OBJECTS = ['1', '2', '3'].map((id) => ({ id, firstSeenMs: 0 }));
const EVERYTHING: Forgetting = { ids: null, from: null, to: null };
const DAYS = 8;
const periods: DateRange[] = Array.from({ length: DAYS }, (_, i) => ({ from: ago(i), to: ago(i) }));

const heldOf = (coverage: readonly CoverageRow[], id: string, period: DateRange): CoverageRow | undefined =>
  newest(new CoverageIndex(coverage).of({ id, firstSeenMs: 0 }), period, criteriaOf());

const rows = fc.array(
  fc
    .tuple(fc.constantFrom(ALL, '1', '2', '3'), fc.nat(DAYS - 1), fc.nat(3), fc.nat(1_000))
    .map(([scope, from, length, age]) =>
      rowOf(scope, ago(from), ago(Math.max(0, from - length)), { askedForMs: NOW - age }),
    ),
  { maxLength: 6 },
);
const forgetting = fc.record<Forgetting>({
  ids: fc.option(fc.subarray(['1', '2'], { minLength: 1 })),
  from: fc.option(fc.nat(DAYS - 1).map(ago)),
  to: fc.option(fc.nat(DAYS - 1).map(ago)),
});
const concerns = ({ ids, from, to }: Forgetting, id: string, { from: date }: DateRange): boolean =>
  (ids === null || ids.includes(id)) && (from === null || date >= from) && (to === null || date <= to);

test('cells that are forgotten are stale, the others are held as before, and the number is how many they were', () => {
  fc.assert(
    fc.property(rows, forgetting, (coverage, which) => {
      const after = forget(coverage, OBJECTS, which, NOW);
      const all = OBJECTS.flatMap(({ id }) => periods.map((period) => ({ id, period })));
      const isForgotten = ({ id, period }: (typeof all)[number]): boolean =>
        concerns(which, id, period) && heldOf(coverage, id, period) !== undefined;
      const cells = all.filter(isForgotten).length;
      expect(after.cells).toBe(cells);
      const criteria = criteriaOf({ freshSinceMs: 0 });
      const held = (rows: readonly CoverageRow[], cell: (typeof all)[number]) => ({
        ...heldOf(rows, cell.id, cell.period),
        from: '',
        to: '',
      });
      for (const { id, period } of all.filter(isForgotten))
        expect(isStale(heldOf(after.coverage, id, period), period, criteria)).toBe(true);
      for (const cell of all.filter((one) => !isForgotten(one)))
        expect(held(after.coverage, cell)).toEqual(held(coverage, cell));
      // A second attempt at the same changes nothing.
      const again = forget(after.coverage, OBJECTS, which, NOW);
      expect(again.cells).toBe(cells);
    }),
  );
});

test('an answer that was asked for before does not bring a forgotten cell back, one asked for after it does', () => {
  const { coverage } = forget(
    [rowOf(ALL, ago(3), TODAY, { askedForMs: NOW - 9 })],
    OBJECTS,
    { ...EVERYTHING, ids: ['2'] },
    NOW,
  );
  const criteria = criteriaOf({ freshSinceMs: 0 });
  const stamp = {
    askedForMs: NOW - 5,
    columns: criteria.columns,
    attribution: criteria.attribution,
    granularity: 'DAY' as const,
    knownIdsAtMs: null,
  };
  const everyone = [{ scope: ALL, from: ago(3), to: TODAY }];
  const period = { from: ago(2), to: ago(2) };
  const late = advance(coverage, everyone, [], stamp, criteria);
  expect(isStale(heldOf(late, '2', period), period, criteria)).toBe(true);
  expect(isStale(heldOf(late, '1', period), period, criteria)).toBe(false);
  const fresh = advance(coverage, everyone, [], { ...stamp, askedForMs: NOW + 1 }, criteria);
  expect(isStale(heldOf(fresh, '2', period), period, criteria)).toBe(false);
});

test('a week is forgotten as a whole, a TOTAL too', () => {
  const monday = '2026-05-04';
  const week = rowOf(ALL, monday, addDays(monday, 13), { granularity: 'WEEK' });
  const { coverage, cells } = forget(
    [week],
    OBJECTS,
    { ids: null, from: addDays(monday, 3), to: addDays(monday, 3) },
    NOW,
  );
  expect(cells).toBe(OBJECTS.length);
  const criteria = criteriaOf({ granularity: 'WEEK', freshSinceMs: 0 });
  const staleFrom = (from: string): boolean => {
    const period = { from, to: addDays(from, 6) };
    return isStale(newest(new CoverageIndex(coverage).of(OBJECTS[0]!), period, criteria), period, criteria);
  };
  expect(staleFrom(monday)).toBe(true);
  expect(staleFrom(addDays(monday, 7))).toBe(false);
  const total = rowOf(ALL, ago(30), TODAY, { granularity: 'TOTAL' });
  expect(forget([total], OBJECTS, { ids: ['1'], from: ago(3), to: null }, NOW).cells).toBe(1);
});

test('what is not held cannot be forgotten', () => {
  expect(forget([], OBJECTS, EVERYTHING, NOW)).toEqual({ coverage: [], cells: 0 });
});
