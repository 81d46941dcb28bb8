// What proved too big is asked for in smaller parts, which together are the same question.
import fc from 'fast-check';
import { bisect, cutIds } from '../../src/dataflow/bisect.js';
import type { Chunk, Granularity } from '../../src/dataflow/chunk.js';
import { addDays, type DateRange } from '../../src/dataflow/dates.js';
import { limitsOf } from '../../src/dataflow/guardrails.js';
import { ago, cellName, daysBack, objects, TODAY } from './needs.js';
import { runs } from '../support/random.js';

const REPORT_IDS = limitsOf('current', 'report', 'DAY').ids;

interface Case {
  chunk: Chunk;
  ids: string[];
  periods: DateRange[];
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    granularity: fc.constantFrom<Granularity>('DAY', 'HOUR', 'WEEK', 'MONTH', 'TOTAL'),
    count: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 900, max: 1_700 })),
    days: fc.integer({ min: 31, max: 80 }),
    skip: fc.tuple(fc.nat(20), fc.nat(20)),
    method: fc.constantFrom('analytics' as const, 'report' as const),
    named: fc.constantFrom('all' as const, 'wanted' as const, 'ids' as const),
    perCall: fc.option(fc.integer({ min: 1, max: 250 }), { nil: undefined }),
  })
  .map(({ granularity, count, days, skip, method, named, perCall }) => {
    const ids = objects(count).map(({ id }) => id);
    const periods = daysBack(days, granularity);
    const [first, last] = [Math.min(...skip) % periods.length, Math.max(...skip) % periods.length];
    const to = periods[Math.max(first, last)]!.to;
    const chunk: Chunk = {
      objectType: 'ads',
      method,
      ids: named === 'ids' ? ids.slice(0, method === 'report' ? 500 : 250) : named,
      from: periods[Math.min(first, last)]!.from,
      to: to > TODAY ? TODAY : to,
      ...(method === 'analytics' && named !== 'ids' && perCall !== undefined ? { idsPerCall: perCall } : {}),
      apiCalls: method === 'report' ? 3 : named === 'ids' ? 1 : Math.ceil(count / (perCall ?? count)),
      rows: 1_000,
    };
    return { chunk, ids, periods };
  });

const cellsOf = (chunk: Chunk, { ids, periods }: Case): string[] =>
  periods
    .filter(({ from }) => chunk.from <= from && from <= chunk.to)
    .flatMap((period) => (typeof chunk.ids === 'string' ? ids : chunk.ids).map((id) => cellName(id, period)));

const cut = (chunk: Chunk, { ids, periods }: Case): Chunk[] | undefined => bisect(chunk, ids, periods, TODAY);

const cutCases = cases.map((c) => ({ ...c, parts: cut(c.chunk, c) }));
const sameDates = (a: Chunk, b: Chunk): boolean => a.from === b.from && a.to === b.to;

test('the parts ask for exactly what the whole asked for, each for less', () => {
  fc.assert(
    fc.property(cutCases, (c) => {
      const whole = cellsOf(c.chunk, c);
      const cells = (c.parts ?? [c.chunk]).map((part) => cellsOf(part, c));
      expect(cells.flat().sort()).toEqual(whole.sort());
      expect(Math.min(...cells.map(({ length }) => length))).toBeGreaterThan(0);
      const most = Math.max(...cells.map(({ length }) => length));
      expect(c.parts ? most < whole.length : whole.length === 1).toBe(true);
    }),
  );
});

test('cutting dates leaves no date out and cuts no period', () => {
  const byDates = cutCases.filter(
    ({ chunk, parts }) => parts?.some((part) => !sameDates(part, chunk)) === true,
  );
  fc.assert(
    fc.property(byDates, ({ chunk, parts, periods }) => {
      const [newer, older] = parts as [Chunk, Chunk];
      expect(parts).toHaveLength(2);
      expect([older.from, newer.to]).toEqual([chunk.from, chunk.to]);
      expect(newer.from).toBe(addDays(older.to, 1));
      expect(periods.map(({ from }) => from)).toContain(newer.from);
    }),
  );
});

test('no part names more ids than its method may, and each says what it costs', () => {
  fc.assert(
    fc.property(cutCases, ({ chunk, parts = [] }) => {
      const most = chunk.method === 'report' ? REPORT_IDS : (chunk.idsPerCall ?? Number.POSITIVE_INFINITY);
      const price = { report: 3, analytics: 1 }[chunk.method];
      for (const part of parts) {
        const names = typeof part.ids !== 'string';
        expect(part.ids.length <= most || !names).toBe(true);
        expect(part.idsPerCall).toBe(names ? undefined : chunk.idsPerCall);
        expect(part.apiCalls).toBe(names ? price : chunk.apiCalls);
      }
    }),
  );
});

test('cutting on and on ends at single cells, all of them', () => {
  fc.assert(
    fc.property(cases, (c) => {
      const few = { ...c, ids: c.ids.slice(0, 9) };
      const start: Chunk =
        typeof c.chunk.ids === 'string' ? c.chunk : { ...c.chunk, ids: c.chunk.ids.slice(0, 9) };
      const single: string[] = [];
      const open = [start];
      for (let chunk = open.pop(); chunk; chunk = open.pop()) {
        const parts = cut(chunk, few);
        if (parts) open.push(...parts);
        else single.push(...cellsOf(chunk, few));
      }
      expect(single.sort()).toEqual(cellsOf(start, few).sort());
    }),
    runs(50),
  );
});

test('a chunk without names is cut by dates as long as it can be, one with names by ids', () => {
  fc.assert(
    fc.property(cutCases, ({ chunk, parts = [], periods }) => {
      const inside = periods.filter(({ from }) => chunk.from <= from && from <= chunk.to).length;
      const byDates = typeof chunk.ids === 'string' ? inside > 1 : chunk.ids.length === 1;
      for (const part of parts) {
        expect(sameDates(part, chunk)).toBe(!byDates);
        expect(part.ids === chunk.ids).toBe(byDates);
      }
    }),
  );
});

test('one refused id is found by cutting ids only', () => {
  const chunk: Chunk = {
    objectType: 'ads',
    method: 'analytics',
    ids: ['1', '2', '3'],
    from: ago(6),
    to: TODAY,
    apiCalls: 1,
    rows: 21,
  };
  const parts = cutIds(chunk, [])!;
  expect(parts.map(({ ids, from, rows }) => [ids, from, rows])).toEqual([
    [['1', '2'], ago(6), 14],
    [['3'], ago(6), 7],
  ]);
  expect(cutIds(parts[1]!, [])).toBeUndefined();
  expect(cutIds({ ...chunk, ids: 'all' }, ['*'])).toBeUndefined();
});
