// What the store says it holds: by whom, as of when, for which columns, and for how long that is enough.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  advance,
  ALL,
  askedForAt,
  CoverageIndex,
  isFinal,
  isStale,
  newest,
  UNKNOWN_OBJECTS,
  type CoverageRow,
  type CoverageStamp,
} from '../../src/dataflow/coverage.js';
import { addDays, daysIn, midnightMs } from '../../src/dataflow/dates.js';
import { ago, DAY_MS, NOW, rowOf, TODAY, criteriaOf } from './needs.js';

const stampAt = (askedForMs: number, more: Partial<CoverageStamp> = {}): CoverageStamp => ({
  askedForMs,
  columns: criteriaOf().columns,
  attribution: criteriaOf().attribution,
  granularity: criteriaOf().granularity,
  knownIdsAtMs: null,
  ...more,
});
const days = (from: number, to: number, scope = ALL) => ({ scope, from: ago(from), to: ago(to) });
const day = (date: string) => ({ from: date, to: date });

test('days that were asked for one after the other say of no month that it was asked for later than they', () => {
  const row = rowOf(ALL, '2026-06-01', '2026-06-28', {
    askedAfterDays: 16,
    askedForMs: midnightMs('2026-07-14'),
  });
  expect(askedForAt(row, day('2026-06-01'))).toBe(midnightMs('2026-06-17'));
  expect(askedForAt(row, { from: '2026-06-01', to: '2026-06-30' })).toBe(midnightMs('2026-07-14'));
});

describe('a cell becomes final', () => {
  test('once asked for restateDays + 2 days after its last day, and not a moment earlier', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 }), (restateDays, length) => {
        const period = { from: ago(length), to: TODAY };
        const boundary = midnightMs(addDays(period.to, restateDays + 2));
        expect(isFinal(boundary, period, restateDays)).toBe(true);
        expect(isFinal(boundary - 1, period, restateDays)).toBe(false);
      }),
    );
  });

  test('and is read no more, however much time goes by', () => {
    const held = rowOf('7', ago(32), ago(32), { askedForMs: NOW });
    const later = criteriaOf({ freshSinceMs: NOW + 400 * DAY_MS });
    expect(isStale(held, day(ago(32)), later)).toBe(false);
    expect(isStale({ ...held, askedForMs: NOW - DAY_MS }, day(ago(32)), later)).toBe(true);
    expect(isStale(held, day(ago(32)), { ...later, rereadFinal: true })).toBe(true);
  });

  test('unless one of its rows was rejected: that one is tried again in the next run, though not in this one', () => {
    const held = rowOf('7', ago(99), ago(99), { complete: false });
    expect(isStale(held, day(ago(99)), criteriaOf({ freshSinceMs: NOW }))).toBe(false);
    expect(isStale(held, day(ago(99)), criteriaOf({ freshSinceMs: NOW + 1 }))).toBe(true);
  });
});

describe('a cell is stale', () => {
  const fresh = rowOf('7', TODAY, TODAY);
  test.each([
    ['that was never read', undefined, true],
    ['read with every wanted column and more', { ...fresh, columns: ['ECTR', ...fresh.columns] }, false],
    ['read without a column that is wanted now', { ...fresh, columns: ['CTR'] }, true],
    ['read with other attribution settings', { ...fresh, attribution: '7/7/1' }, true],
    ['read in this run', fresh, false],
    ['read before this run and not final', { ...fresh, askedForMs: NOW - 1 }, true],
  ])('or not: one %s', (_, row: CoverageRow | undefined, stale) => {
    expect(isStale(row, day(TODAY), criteriaOf())).toBe(stale);
  });

  test('if any date of its week is missing, and a TOTAL if it is not of the very same window', () => {
    const row = rowOf(ALL, '2026-07-06', '2026-07-12');
    const week = criteriaOf({ granularity: 'WEEK' });
    expect(newest([row], { from: '2026-07-06', to: '2026-07-12' }, week)).toBe(row);
    expect(newest([row], { from: '2026-07-06', to: '2026-07-13' }, week)).toBeUndefined();
    const total = criteriaOf({ granularity: 'TOTAL' });
    expect(newest([row], { from: '2026-07-06', to: '2026-07-12' }, total)).toBe(row);
    expect(newest([row], { from: '2026-07-07', to: '2026-07-12' }, total)).toBeUndefined();
  });
});

test.each([
  ['the incomplete one', { complete: false }],
  ['the one with other attribution settings', { attribution: '7/7/1' }],
  ['the one without a wanted column', { columns: ['CTR'] }],
])('of two rows of the same age %s counts, whichever stands first', (_, less) => {
  const fitting = rowOf(ALL, TODAY, TODAY);
  const lesser = rowOf(ALL, TODAY, TODAY, less);
  for (const rows of [
    [fitting, lesser],
    [lesser, fitting],
  ])
    expect(newest(rows, day(TODAY), criteriaOf())).toBe(lesser);
  const unfittingAndIncomplete = { ...lesser, complete: false, attribution: '1/1/1' };
  expect(newest([lesser, unfittingAndIncomplete, fitting], day(TODAY), criteriaOf())?.complete).toBe(false);
});

describe('who holds an object', () => {
  const SEEN = NOW - DAY_MS;
  const holds = (rows: CoverageRow[], firstSeenMs: number): boolean =>
    new CoverageIndex(rows).of({ id: '7', firstSeenMs }).length > 0;

  test('a report of all objects holds also those that come to be known later', () => {
    expect(holds([rowOf(ALL, TODAY, TODAY, { knownIdsAtMs: null })], SEEN)).toBe(true);
    expect(holds([rowOf(ALL, TODAY, TODAY, { knownIdsAtMs: null })], UNKNOWN_OBJECTS.firstSeenMs)).toBe(true);
  });

  test('an answer that named all ids holds those that the catalogue knew then', () => {
    expect(holds([rowOf(ALL, TODAY, TODAY, { knownIdsAtMs: SEEN })], SEEN)).toBe(true);
    expect(holds([rowOf(ALL, TODAY, TODAY, { knownIdsAtMs: SEEN - 1 })], SEEN)).toBe(false);
  });

  test('one object says nothing of another, nor of all', () => {
    const rows = [rowOf('7', TODAY, TODAY)];
    expect(holds(rows, SEEN)).toBe(true);
    expect(new CoverageIndex(rows).of({ id: '8', firstSeenMs: 0 })).toEqual([]);
    expect(new CoverageIndex(rows).of(UNKNOWN_OBJECTS)).toEqual([]);
  });

  test('objects that are held alike are told by one key', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(3)), { maxLength: 4 }), fc.nat(4), fc.nat(4), (known, a, b) => {
        const rows = known.map((knownIdsAtMs) => rowOf(ALL, TODAY, TODAY, { knownIdsAtMs }));
        const index = new CoverageIndex([...rows, rowOf('own', TODAY, TODAY)]);
        const [one, other] = [a, b].map((firstSeenMs) => ({ id: `x${firstSeenMs}`, firstSeenMs }));
        const alike = isDeepStrictEqual(index.of(one!), index.of(other!));
        expect(alike || index.keyOf(one!) !== index.keyOf(other!)).toBe(true);
        expect(index.keyOf({ id: 'own', firstSeenMs: a })).not.toBe(index.keyOf(one!));
      }),
    );
  });
});

describe('coverage stays small', () => {
  test('days read in one answer are one row, also where two answers of one moment meet', () => {
    const first = advance([], [days(9, 6)], [], stampAt(NOW), criteriaOf());
    const both = advance(first, [days(5, 0)], [], stampAt(NOW), criteriaOf());
    expect(both).toEqual([rowOf(ALL, ago(9), TODAY)]);
  });

  test('answers that named the ids of different catalogues are told apart', () => {
    const first = advance([], [days(9, 6)], [], stampAt(NOW, { knownIdsAtMs: 1 }), criteriaOf());
    const both = advance(first, [days(5, 0)], [], stampAt(NOW, { knownIdsAtMs: 2 }), criteriaOf());
    expect(both.map(({ to, knownIdsAtMs }) => [to, knownIdsAtMs])).toEqual([
      [ago(6), 1],
      [TODAY, 2],
    ]);
  });

  test('and truthful: days of a rejected row are told apart, those of another age keep it', () => {
    const old = advance([], [days(60, 50)], [], stampAt(NOW - DAY_MS), criteriaOf());
    const now = advance(old, [days(49, 40)], [days(45, 45)], stampAt(NOW), criteriaOf());
    expect(now.map(({ from, to, askedForMs, complete }) => [from, to, askedForMs, complete])).toEqual([
      [ago(60), ago(50), NOW - DAY_MS, true],
      [ago(49), ago(46), NOW, true],
      [ago(45), ago(45), NOW, false],
      [ago(44), ago(40), NOW, true],
    ]);
  });

  test('a dataflow that runs every day reads what is not final yet, and no cell beyond', () => {
    let coverage: CoverageRow[] = [];
    for (let run = 0; run < 80; run++) {
      const now = NOW + run * DAY_MS;
      const criteria = criteriaOf({ restateDays: 5, freshSinceMs: now });
      const window = Array.from({ length: 40 }, (_, i) => day(addDays(TODAY, run - 39 + i)));
      const stale = window.filter((period) => isStale(newest(coverage, period, criteria), period, criteria));
      expect(stale).toHaveLength(run === 0 ? 40 : 8);
      coverage = advance(
        coverage,
        stale.map((period) => ({ scope: ALL, ...period })),
        [],
        stampAt(now),
        criteria,
      );
    }
    expect(coverage.reduce((sum, row) => sum + daysIn(row), 0)).toBe(119);
  });

  test('a TOTAL replaces the one of the same last day, whose row it replaces, and is never merged with another', () => {
    const criteria = criteriaOf({ granularity: 'TOTAL' });
    const first = advance([], [days(9, 5)], [], stampAt(NOW - DAY_MS), criteria);
    const second = advance(first, [days(4, 2)], [], stampAt(NOW - DAY_MS), criteria);
    expect(second).toHaveLength(2);
    expect(
      advance(second, [days(6, 2)], [], stampAt(NOW), criteria).map(({ from, to }) => [from, to]),
    ).toEqual([
      [ago(9), ago(5)],
      [ago(6), ago(2)],
    ]);
    const broken = advance([], [days(4, 1)], [days(4, 1)], stampAt(NOW), criteria);
    expect(broken).toEqual([rowOf(ALL, ago(4), ago(1), { complete: false })]);
  });
});
