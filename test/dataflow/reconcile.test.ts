// A reconciliation, pure: which totals are asked for, what differs, and what no object explains.
import fc from 'fast-check';
import { ALL, CoverageIndex, newest, noteIncomplete, isStale } from '../../src/dataflow/coverage.js';
import type { Method } from '../../src/dataflow/chunk.js';
import { methodReads, whyNotAdded } from '../../src/dataflow/columns.js';
import { addDays, daysIn, earlier } from '../../src/dataflow/dates.js';
import { findGaps } from '../../src/dataflow/gaps.js';
import { limitsOf, furthestDate } from '../../src/dataflow/guardrails.js';
import {
  differencesOf,
  type Difference,
  type DifferingCell,
} from '../../src/dataflow/reconcile/differences.js';
import { askByPeriod, askForTotals } from '../../src/dataflow/reconcile/questions.js';
import { Findings } from '../../src/dataflow/reconcile/reconciliation.js';
import { runs } from '../support/random.js';
import { needs } from './arbitrary-needs.js';
import { ago, criteriaOf, daysBack, DAY_MS, NOW, objects, rowOf, TODAY } from './needs.js';

const byDates = needs(['DAY', 'WEEK', 'MONTH']).map(({ need, settings }) => {
  const { granularity } = need.criteria;
  return { need: { ...need, coverage: need.coverage.map((row) => ({ ...row, granularity })) }, settings };
});

test('each cell that is covered as the spec has it, and that Pinterest still gives, is in one total; no other cell is', () => {
  fc.assert(
    fc.property(byDates, ({ need, settings }) => {
      const { columns, attribution } = need.criteria;
      const asked = { profile: settings.profile, today: TODAY, columns };
      const { totals } = askForTotals([need], asked);
      const index = new CoverageIndex(need.coverage);
      const reaches = (method: Method, from: string): boolean =>
        methodReads(method, columns) &&
        from >= furthestDate(TODAY, limitsOf(settings.profile, method, 'TOTAL').daysBack);
      const wrong: string[] = [];
      for (const object of need.objects ?? [])
        for (const period of need.periods) {
          const row = newest(index.of(object), period, need.criteria);
          const covered =
            row?.attribution === attribution && columns.every((column) => row.columns.includes(column));
          const inTotals = totals.filter(
            ({ chunk }) =>
              (typeof chunk.ids === 'string' || chunk.ids.includes(object.id)) &&
              chunk.from <= period.from &&
              earlier(period.to, TODAY) <= chunk.to,
          );
          const given = reaches('analytics', period.from) || reaches('report', period.from);
          const expected = covered && given ? 1 : 0;
          if (inTotals.length !== expected) wrong.push(`${object.id} ${period.from}: ${inTotals.length}`);
        }
      expect(wrong).toEqual([]);
    }),
    runs(150),
  );
});

test('no question goes beyond what Pinterest allows, whether for totals or by period', () => {
  fc.assert(
    fc.property(byDates, ({ need, settings }) => {
      const asked = { profile: settings.profile, today: TODAY, columns: need.criteria.columns };
      const { totals } = askForTotals([need], asked);
      const ids = (need.objects ?? []).map(({ id }) => id);
      const narrower = totals.flatMap(({ chunk }) =>
        askByPeriod(chunk, 'campaigns', ids, daysIn(chunk), asked),
      );
      for (const chunk of [...totals.map((total) => total.chunk), ...narrower]) {
        const limits = limitsOf(settings.profile, chunk.method, 'TOTAL');
        expect(chunk.from >= furthestDate(TODAY, limits.daysBack)).toBe(true);
        expect(daysIn(chunk)).toBeLessThanOrEqual(limits.rangeDays);
        expect(typeof chunk.ids === 'string' ? 0 : chunk.ids.length).toBeLessThanOrEqual(limits.ids);
        expect(chunk.method === 'analytics' ? chunk.rows : 0).toBeLessThanOrEqual(20_000);
      }
    }),
    runs(150),
  );
});

test('three types that are read whole take one report for what analytics do not reach', () => {
  const of = (objectType: 'campaigns' | 'ad_groups' | 'ads', count: number) => ({
    objectType,
    selection: 'all' as const,
    objects: objects(count),
    periods: daysBack(186),
    coverage: [rowOf(ALL, ago(185), TODAY, {})],
    criteria: criteriaOf(),
    failed: [],
  });
  const asked = { profile: 'current', today: TODAY, columns: criteriaOf().columns } as const;
  const { totals, account } = askForTotals([of('campaigns', 20), of('ad_groups', 60), of('ads', 300)], asked);
  expect(totals.map(({ chunk, alsoOf }) => [chunk.objectType, chunk.method, chunk.apiCalls, alsoOf])).toEqual(
    [
      ['campaigns', 'analytics', 1, []],
      ['ad_groups', 'analytics', 1, []],
      ['ads', 'report', 3, ['campaigns', 'ad_groups']],
      ['ads', 'analytics', 1, []],
      ['ads', 'analytics', 1, []],
    ],
  );
  expect(account).toEqual({ objectType: 'campaigns', from: ago(89), to: TODAY });
});

const number = fc.integer({ min: 0, max: 1e12 });
const cell = fc.record({
  id: fc.constantFrom('1', '2'),
  day: fc.nat(40),
  store: fc.tuple(number, number),
  pinterest: fc.tuple(number, number),
});

test('differences hold what their cells hold, and neighbouring dates of an object and column are one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(cell, { selector: ({ id, day }) => `${id} ${day}` }), (drawn) => {
      const cells = drawn
        .toSorted((a, b) => a.id.localeCompare(b.id) || a.day - b.day)
        .map(({ day, ...values }): DifferingCell => {
          const date = addDays('2026-01-01', day);
          return { ...values, rows: 1, period: { from: date, to: date } };
        });
      const found = differencesOf('ads', ['A', 'B'], cells, () => 'wrong');
      const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
      expect(sum(found.map((one) => one.store - one.pinterest))).toBe(
        sum(cells.map((one) => sum(one.store) - sum(one.pinterest))),
      );
      for (const one of found)
        expect(
          found.filter(
            ({ id, column, from }) => id === one.id && column === one.column && from === addDays(one.to, 1),
          ),
        ).toEqual([]);
    }),
    runs(200),
  );
});

test('a difference says no more than what differs, whatever else is known of its dates', () => {
  const period = { from: '2026-05-01', to: '2026-05-31', ids: Array.from({ length: 250 }, (_, i) => `${i}`) };
  const differing: DifferingCell = { id: '1', period, rows: 1, store: [1], pinterest: [2] };
  expect(differencesOf('ads', ['A'], [differing], () => 'wrong')).toEqual([
    {
      objectType: 'ads',
      id: '1',
      from: '2026-05-01',
      to: '2026-05-31',
      column: 'A',
      store: 1,
      pinterest: 2,
      kind: 'wrong',
    },
  ]);
});

describe('what no object explains', () => {
  const window = { from: '2026-05-01', to: '2026-05-31' };
  const about = { adAccountId: '7', window, apiCalls: 1 };
  const altered: Difference = {
    objectType: 'campaigns',
    id: '1',
    from: '2026-05-03',
    to: '2026-05-03',
    column: 'A',
    store: 12,
    pinterest: 5,
    kind: 'wrong',
  };
  const check = { objectType: 'campaigns', ...window } as const;

  test('the ad account is not named for what a cell explains', () => {
    const findings = new Findings(['A'], []);
    findings.addDifferences([altered]);
    findings.addAccount('7', check, { store: [107], pinterest: [100] });
    expect(findings.result(about, true)).toMatchObject({ status: 'repaired', differences: [altered] });
  });

  test('what is left is named, and no repair is said to have brought it', () => {
    const findings = new Findings(['A'], []);
    findings.addDifferences([altered]);
    findings.addAccount('7', check, { store: [107], pinterest: [130] });
    const { status, differences } = findings.result(about, true);
    expect(status).toBe('differs');
    expect(differences[1]).toMatchObject({
      objectType: 'ad_accounts',
      id: '7',
      store: 100,
      pinterest: 130,
      kind: 'unexplained',
    });
  });

  test("a total is named only if none of its days differs: then Pinterest's own do not add up", () => {
    const findings = new Findings(['A'], []);
    findings.addDifferences([altered]);
    const total: Difference = { ...altered, ...window, kind: 'unexplained' };
    findings.addUnexplained([total, { ...total, id: '2' }]);
    expect(findings.result(about, false).differences).toEqual([altered, { ...total, id: '2' }]);
  });

  test('the week or the month that is on explains a total, although it ends later', () => {
    const findings = new Findings(['A'], []);
    const month: Difference = { ...altered, from: '2026-05-25', to: '2026-06-07', kind: 'restated' };
    findings.addDifferences([month]);
    findings.addUnexplained([{ ...month, ...window, kind: 'unexplained' }]);
    findings.addAccount('7', check, { store: [107], pinterest: [100] });
    expect(findings.result(about, true)).toMatchObject({ status: 'repaired', differences: [month] });
  });
});

test('cells that are noted keep their age, are the only ones that a repair finds stale, and are stale to every later run', () => {
  const rows = [rowOf(ALL, ago(60), TODAY, { askedForMs: NOW - DAY_MS })];
  const noted = [{ scope: '2', from: ago(50), to: ago(50) }];
  const coverage = noteIncomplete(rows, noted, { granularity: 'DAY' });
  const criteria = criteriaOf({ freshSinceMs: NOW, onlyIncomplete: true });
  const need = {
    objectType: 'campaigns' as const,
    selection: 'all' as const,
    objects: objects(3).map((object, i) => ({ ...object, id: String(i + 1) })),
    periods: daysBack(61),
    coverage,
    criteria,
    failed: [],
  };
  expect(findGaps(need).gaps).toEqual([{ ids: ['2'], stale: [10] }]);
  const held = newest(
    new CoverageIndex(coverage).of({ id: '2', firstSeenMs: 0 }),
    { from: ago(50), to: ago(50) },
    criteria,
  );
  expect(held).toMatchObject({ askedForMs: NOW - DAY_MS, complete: false });
  expect(isStale(held, { from: ago(50), to: ago(50) }, { ...criteria, onlyIncomplete: false })).toBe(true);
});

test.each([
  ['SPEND_IN_MICRO_DOLLAR', null],
  ['TOTAL_CONVERSIONS', null],
  ['VIDEO_P100_COMPLETE_2', null],
  ['TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR', null],
  ['CTR', 'is a rate'],
  ['OUTBOUND_CTR_1', 'is a rate'],
  ['ENGAGEMENT_RATE', 'is a rate'],
  ['CHECKOUT_ROAS', 'is a rate'],
  ['CPC_IN_MICRO_DOLLAR', 'is a cost per event'],
  ['ECPM_IN_MICRO_DOLLAR', 'is a cost per event'],
  ['WEB_LEAD_COST_PER_ACTION', 'is a cost per event'],
  ['TOTAL_IMPRESSION_FREQUENCY', 'is an average'],
  ['TOTAL_IMPRESSION_USER', 'counts people, who may come on several days'],
  ['CAMPAIGN_NAME', 'is no number'],
])('%s is compared, or not: %p', (column, why) => {
  expect(whyNotAdded(column)).toBe(why);
});
