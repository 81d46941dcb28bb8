// A plan spends no call more than needed.
import fc from 'fast-check';
import { callsOf, REPORT_CALLS } from '../../src/dataflow/chunk.js';
import { findGaps, type Need } from '../../src/dataflow/gaps.js';
import { planNeed, type Plan, type PlanSettings } from '../../src/dataflow/plan.js';
import { needs } from './arbitrary-needs.js';
import { ago, daysBack, needWith, objects, rowOf, TODAY, criteriaOf } from './needs.js';
import { runs } from '../support/random.js';

const CURRENT: PlanSettings = { profile: 'current', today: TODAY };
const V5: PlanSettings = { profile: 'v5-2023', today: TODAY };

/** Every set of days from the first to the last of a span, as bits. */
const spansOf = (days: number): number[][] => {
  const spans: number[][] = [];
  for (let first = 0; first < days; first++) {
    for (let last = first; last < days; last++) {
      spans.push(Array.from({ length: last - first + 1 }, (_, i) => first + i));
    }
  }
  return spans;
};

interface Universe {
  ids: number;
  days: number;
  stale: number[];
  rowsPerAnswer: number;
  reports: boolean;
}

/** The least calls that cover all stale cells, by trying every set of calls: any ids, any days in a row. */
const leastCalls = ({ ids, days, stale, rowsPerAnswer, reports }: Universe): number => {
  const everyone = (1 << ids) - 1;
  const cellsOf = (who: number, span: readonly number[]): number =>
    span.filter((day) => stale.includes(day)).reduce((cells, day) => cells | (who << (day * ids)), 0);
  const options: { cells: number; calls: number }[] = [];
  for (const span of spansOf(days)) {
    for (let who = 1; who <= everyone; who++) {
      const rows = span.length * who.toString(2).replaceAll('0', '').length;
      if (rows <= rowsPerAnswer || rows === 1) options.push({ cells: cellsOf(who, span), calls: 1 });
    }
    if (reports) options.push({ cells: cellsOf(everyone, span), calls: REPORT_CALLS });
  }
  const known = new Map<number, number>([[0, 0]]);
  const least = (open: number): number => {
    const found = known.get(open);
    if (found !== undefined) return found;
    const lowest = open & -open;
    const best = Math.min(
      ...options
        .filter(({ cells }) => (cells & lowest) !== 0)
        .map(({ cells, calls }) => calls + least(open & ~cells)),
    );
    known.set(open, best);
    return best;
  };
  return least(cellsOf(everyone, spansOf(days).at(days - 1)!));
};

/** All of them: up to 3 objects and 5 days, any days stale, from an answer of one row to one of nine. */
const universes: Universe[] = [1, 2, 3].flatMap((ids) =>
  Array.from({ length: 31 }, (_, bits) =>
    [0, 1, 2, 3, 4].filter((day) => ((bits + 1) & (1 << day)) !== 0),
  ).flatMap((stale) =>
    [1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((rowsPerAnswer) =>
      [true, false].map((reports) => ({ ids, days: 5, stale, rowsPerAnswer, reports })),
    ),
  ),
);

test('no set of calls whatever is cheaper for a few objects that share one gap', () => {
  const periods = daysBack(5);
  for (const small of universes) {
    const need = needWith({
      objects: objects(small.ids),
      periods,
      coverage: periods
        .filter((_, i) => !small.stale.includes(i))
        .map(({ from, to }) =>
          rowOf('*', from, to, { columns: [...criteriaOf().columns, 'QUIZ_PIN_RESULT_OPEN'] }),
        ),
      // A column that only the analytics endpoints know rules reports out.
      criteria: small.reports ? criteriaOf() : criteriaOf({ columns: ['CTR', 'QUIZ_PIN_RESULT_OPEN'] }),
    });
    const { chunks } = planNeed(need, { ...CURRENT, rowsPerAnswer: small.rowsPerAnswer });
    expect({ ...small, calls: callsOf(chunks) }).toEqual({ ...small, calls: leastCalls(small) });
  }
});

test('objects with different gaps never cost more together than one gap after the other', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const alone = findGaps(need).gaps.map(({ ids }) => {
        const named = new Set(ids);
        const own: Need = {
          ...need,
          objects: need.objects && need.objects.filter(({ id }) => named.has(id)),
        };
        return callsOf(planNeed(own, settings).chunks);
      });
      const apart = alone.reduce((sum, calls) => sum + calls, 0);
      expect(callsOf(planNeed(need, settings).chunks)).toBeLessThanOrEqual(apart);
    }),
    runs(60),
  );
});

describe('what an account costs', () => {
  const everything = (count: number, days: number, stale = days): Need =>
    needWith({
      objects: objects(count),
      periods: daysBack(days),
      coverage: stale < days ? [rowOf('*', ago(days), ago(stale))] : [],
    });
  const shape = ({ chunks }: Plan): unknown =>
    chunks.map(({ method, ids, from, to, apiCalls }) => [
      method,
      typeof ids === 'string' ? ids : ids.length,
      from,
      to,
      apiCalls,
    ]);

  test('20 campaigns, 60 ad groups and 300 ads, 186 days: three reports, nine calls', () => {
    for (const count of [20, 60, 300]) {
      expect(shape(planNeed(everything(count, 186), CURRENT))).toEqual([
        ['report', 'all', ago(185), TODAY, 3],
      ]);
    }
  });

  test('the next day, with 32 days to be read again: 1 + 1 + 2 analytics calls', () => {
    const calls = [20, 60, 300].map((count) => planNeed(everything(count, 186, 32), CURRENT).chunks);
    expect(calls.map(callsOf)).toEqual([1, 1, 2]);
    expect(calls.flat().map(({ method, ids, from }) => [method, ids, from])).toEqual(
      calls.map(() => ['analytics', 'all', ago(31)]),
    );
  });

  test('20 campaigns, 186 days, within the limits of v5-2023: one call', () => {
    expect(shape(planNeed(everything(20, 186), V5))).toEqual([['analytics', 'all', ago(185), TODAY, 1]]);
  });

  test('600 of its ads, 186 days: one report that names none of them', () => {
    const some: Need = { ...everything(600, 186), selection: 'some' };
    expect(shape(planNeed(some, CURRENT))).toEqual([['report', 'wanted', ago(185), TODAY, 3]]);
    expect(shape(planNeed({ ...some, objects: objects(500) }, CURRENT))).toEqual([
      ['report', 500, ago(185), TODAY, 3],
    ]);
  });

  test('one new ad beside 5,000 that are held: the price of one ad', () => {
    const held = [rowOf('*', ago(89), TODAY, { knownIdsAtMs: 1 })];
    const known = [...objects(5_000), { id: '9999', firstSeenMs: 2 }];
    const need = needWith({ objects: known, periods: daysBack(90), coverage: held });
    expect(shape(planNeed(need, CURRENT))).toEqual([['analytics', 1, ago(89), TODAY, 1]]);
  });

  test('300 ads that each lack other dates: one report of them all, and no time lost on finding that out', () => {
    const coverage = objects(300).flatMap(({ id }, i) => [rowOf(id, ago(i % 186), ago(i % 7))]);
    const need = needWith({ objects: objects(300), periods: daysBack(186), coverage });
    expect(shape(planNeed(need, CURRENT))).toEqual([['report', 'all', ago(185), TODAY, 3]]);
  });

  test('two groups of ads with other gaps: their own batches, where those are larger', () => {
    const coverage = objects(450)
      .map(({ id }, i) => (i < 200 ? [] : [rowOf(id, ago(89), ago(1))]))
      .flat();
    const need = needWith({ objects: objects(450), periods: daysBack(90), coverage });
    expect(callsOf(planNeed(need, CURRENT).chunks)).toBe(2);
  });

  test('1,000 ads, one day: a report, which is cheaper than four calls; 750 take three calls', () => {
    expect(shape(planNeed(everything(1_000, 1), CURRENT))).toEqual([['report', 'all', TODAY, TODAY, 3]]);
    expect(shape(planNeed(everything(750, 1), CURRENT))).toEqual([['analytics', 'all', TODAY, TODAY, 3]]);
  });

  test('8 days of hours: as few calls as three days a call allow', () => {
    const hours = { criteria: criteriaOf({ granularity: 'HOUR' }), periods: daysBack(8, 'HOUR') };
    expect(callsOf(planNeed(needWith(hours), CURRENT).chunks)).toBe(3);
  });
});
