// Final cells in few rows: what is stale stays what it was, whoever looks, and coverage does not grow with the days.
import fc from 'fast-check';
import { advance, ALL, isFinal, isStale, newest, type CoverageRow } from '../../src/dataflow/coverage.js';
import { addDays, dateOf, dayNumber, daysIn, midnightMs, type DateRange } from '../../src/dataflow/dates.js';
import { mergeFinal } from '../../src/dataflow/merge-final.js';
import { periodsIn } from '../../src/dataflow/window.js';
import { runs } from '../support/random.js';
import { ago, criteriaOf, DAY_MS, NOW, rowOf, TODAY } from './needs.js';

const RESTATE_DAYS = 5;

/** Runs of a dataflow, one behind the other; `gaps` are the hours between them. */
const live = (
  gaps: readonly number[],
  granularity: 'DAY' | 'WEEK' | 'MONTH',
  each: (coverage: readonly CoverageRow[], askedFor: ReadonlyMap<string, number>, now: number) => void,
): CoverageRow[] => {
  let coverage: CoverageRow[] = [];
  let now = NOW;
  const askedFor = new Map<string, number>();
  for (const gap of [0, ...gaps]) {
    now += gap * 3_600_000;
    const criteria = criteriaOf({ granularity, restateDays: RESTATE_DAYS, freshSinceMs: now });
    const today = dateOf(now);
    const stale = periodsIn({ from: ago(60), to: today }, granularity, today).filter((period) =>
      isStale(newest(coverage, period, criteria), period, criteria),
    );
    const stamp = { ...rowOf(ALL, today, today), granularity, askedForMs: now + 60_000 };
    const { askedForMs, columns, attribution, knownIdsAtMs } = stamp;
    coverage = mergeFinal(
      advance(
        coverage,
        stale.map((period) => ({ scope: '7', ...period })),
        [],
        { askedForMs, columns, attribution, granularity, knownIdsAtMs },
        criteria,
      ),
      criteria,
      null,
    );
    for (const period of stale) askedFor.set(JSON.stringify(period), askedForMs);
    each(coverage, askedFor, now);
  }
  return coverage;
};

const granularities = fc.constantFrom('DAY' as const, 'WEEK' as const, 'MONTH' as const);

test('whatever the days of its runs, the same cells are stale as if each had kept its age', () => {
  fc.assert(
    fc.property(
      granularities,
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }),
      (granularity, gaps) => {
        const wrong: string[] = [];
        live(gaps, granularity, (coverage, askedFor, now) => {
          for (const freshSinceMs of [now, now + DAY_MS, now + 90 * DAY_MS]) {
            for (const [key, askedForMs] of askedFor) {
              const period = JSON.parse(key) as DateRange;
              const criteria = criteriaOf({ granularity, restateDays: RESTATE_DAYS, freshSinceMs });
              const row = newest(coverage, period, criteria);
              const expected = askedForMs < freshSinceMs && !isFinal(askedForMs, period, RESTATE_DAYS);
              if (isStale(row, period, criteria) !== expected) wrong.push(`${key} is stale: ${!expected}`);
            }
          }
        });
        expect(wrong).toEqual([]);
      },
    ),
    runs(100),
  );
});

test('no cell counts as final for longer restatements than it was read after', () => {
  fc.assert(
    fc.property(
      granularities,
      fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 20 }),
      fc.integer({ min: 0, max: 60 }),
      (granularity, gaps, restateDays) => {
        const wrong: string[] = [];
        live(gaps, granularity, (coverage, askedFor, now) => {
          const criteria = criteriaOf({ granularity, restateDays, freshSinceMs: now + DAY_MS });
          for (const [key, askedForMs] of askedFor) {
            const period = JSON.parse(key) as DateRange;
            const stale = isStale(newest(coverage, period, criteria), period, criteria);
            if (!stale && !isFinal(askedForMs, period, restateDays)) wrong.push(key);
          }
        });
        expect(wrong).toEqual([]);
      },
    ),
    runs(100),
  );
});

test.each([
  ['day', 24],
  ['three days', 72],
  ['week', 168],
])('a run every %s for a year leaves a few rows, not one each', (_, hours) => {
  let most = 0;
  const runsAYear = Math.floor((365 * 24) / hours);
  const coverage = live(
    Array.from({ length: runsAYear }, () => hours),
    'DAY',
    (rows) => (most = Math.max(most, rows.length)),
  );
  expect(most).toBeLessThanOrEqual(4);
  expect(coverage.reduce((sum, row) => sum + daysIn(row), 0)).toBe(
    dayNumber(TODAY) + Math.floor((runsAYear * hours + 9) / 24) - dayNumber(ago(60)) + 1,
  );
});

describe('what is left alone', () => {
  const criteria = criteriaOf({ restateDays: RESTATE_DAYS });
  const day = (n: number, more: Partial<CoverageRow> = {}): CoverageRow =>
    rowOf('7', ago(n), ago(n), { askedForMs: midnightMs(ago(n - 7)) + 3_600_000, ...more });

  test('neighbours become one row, that says of each cell what it was, but for the hour', () => {
    expect(mergeFinal([day(20), day(19)], criteria, null)).toEqual([
      rowOf('7', ago(20), ago(19), { askedAfterDays: 7, askedForMs: midnightMs(ago(12)) }),
    ]);
  });

  test.each<[string, CoverageRow]>([
    ['a cell that is not final', day(19, { askedForMs: midnightMs(ago(13)) })],
    ['a cell that was asked for in this run', day(19, { askedForMs: NOW })],
    ['a cell of a rejected row', day(19, { complete: false })],
    ['another object', day(19, { scope: '8' })],
    ['other columns', day(19, { columns: ['CTR'] })],
    ['other attribution settings', day(19, { attribution: '7/7/1' })],
    ['a date behind a gap', day(18)],
  ])('%s', (_, other) => {
    expect(mergeFinal([day(20), other], criteria, null)).toEqual([day(20), other]);
  });

  test('the cells of a backfill, that were older than a week more', () => {
    const backfill = rowOf('7', ago(60), ago(21), { askedForMs: midnightMs(ago(14)) });
    expect(mergeFinal([backfill, day(20), day(19)], criteria, null)).toHaveLength(2);
  });

  test('a part of such a row was asked for when its own last cell was', () => {
    const merged = mergeFinal([day(20), day(19), day(18)], criteria, null);
    const { askedForMs, columns, attribution, granularity, knownIdsAtMs } = rowOf('7', TODAY, TODAY);
    const cut = advance(
      merged,
      [{ scope: '7', from: ago(19), to: ago(19) }],
      [],
      { askedForMs, columns, attribution, granularity, knownIdsAtMs },
      criteria,
    );
    expect(cut.map(({ to, askedForMs }) => [to, dateOf(askedForMs)])).toEqual([
      [ago(20), addDays(ago(20), 7)],
      [ago(19), TODAY],
      [ago(18), addDays(ago(18), 7)],
    ]);
  });

  describe('under *, of answers that named the ids of two catalogues', () => {
    const named = (n: number, knownIdsAtMs: number | null) => day(n, { scope: ALL, knownIdsAtMs });
    const rowsOf = (firstSeenMs: number, ...rows: CoverageRow[]): CoverageRow[] =>
      mergeFinal(rows, criteria, [{ id: '7', firstSeenMs }]);

    test('both hold what the earlier one knew, if nothing wanted came since', () => {
      for (const firstSeenMs of [0, 1, 3]) {
        const [one, ...others] = rowsOf(firstSeenMs, named(20, 1), named(19, 2));
        expect(one).toMatchObject({ from: ago(20), to: ago(19), knownIdsAtMs: 1 });
        expect(others).toEqual([]);
      }
    });

    test('they are told apart if an object came in between, or one named none', () => {
      expect(rowsOf(2, named(20, 1), named(19, 2))).toHaveLength(2);
      expect(rowsOf(0, named(20, null), named(19, 2))).toHaveLength(2);
      expect(mergeFinal([named(20, 1), named(19, 2)], criteria, null)).toHaveLength(2);
    });
  });
});
