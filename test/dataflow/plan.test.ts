// A plan reads every stale cell that can be read once, within Pinterest's limits, newest dates first.
import fc from 'fast-check';
import { REPORT_CALLS, type Chunk, type Method } from '../../src/dataflow/chunk.js';
import { methodReads } from '../../src/dataflow/columns.js';
import { daysIn, earlier, type DateRange } from '../../src/dataflow/dates.js';
import { objectsOf, type Need } from '../../src/dataflow/gaps.js';
import { furthestDate, limitsOf, ROWS_PER_ANSWER, rowsPerCell } from '../../src/dataflow/guardrails.js';
import { planNeed, type PlanSettings } from '../../src/dataflow/plan.js';
import { needs } from './arbitrary-needs.js';
import {
  cellName,
  daysBack,
  idsOf,
  needWith,
  objects,
  periodsOf,
  rowOf,
  staleCells,
  TODAY,
  criteriaOf,
} from './needs.js';
import { runs } from '../support/random.js';

const methodsOf = (need: Need): Method[] =>
  (['analytics', 'report'] as const).filter(
    (method) =>
      methodReads(method, need.criteria.columns) &&
      (method === 'report' ? need.breakdown === undefined : need.objects !== null),
  );

const withinReach = (period: DateRange, method: Method, need: Need, settings: PlanSettings): boolean => {
  const { daysBack, rangeDays } = limitsOf(settings.profile, method, need.criteria.granularity);
  const range = { from: period.from, to: earlier(period.to, TODAY) };
  return range.from >= furthestDate(TODAY, daysBack) && daysIn(range) <= rangeDays;
};

/** Stale cells that some method can read. */
const reachableCells = (need: Need, settings: PlanSettings): Set<string> => {
  const stale = staleCells(need);
  const reachable = need.periods.filter((period) =>
    methodsOf(need).some((method) => withinReach(period, method, need, settings)),
  );
  return new Set(
    objectsOf(need)
      .flatMap(({ id }) => reachable.map((period) => cellName(id, period)))
      .filter((cell) => stale.has(cell)),
  );
};

const hoursIn = (need: Need): number => (need.criteria.granularity === 'HOUR' ? 24 : 1);

/** Calls it takes to read a chunk, as loading goes about it. */
const callsToRead = (chunk: Chunk, need: Need): number => {
  if (chunk.method === 'report') return REPORT_CALLS;
  const ids = idsOf(chunk, need).length;
  return Math.ceil(ids / (chunk.idsPerCall ?? ids));
};

test('reads every stale cell that a method reaches exactly once, and says which ones none reaches', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const { chunks, unreachable } = planNeed(need, settings);
      const stale = staleCells(need);
      const reachable = reachableCells(need, settings);
      const reads = new Map<string, number>();
      for (const chunk of chunks) {
        for (const period of periodsOf(chunk, need)) {
          for (const id of idsOf(chunk, need)) {
            const cell = cellName(id, period);
            if (stale.has(cell)) reads.set(cell, (reads.get(cell) ?? 0) + 1);
          }
        }
      }
      expect([...reads.keys()].filter((cell) => !reachable.has(cell))).toEqual([]);
      expect([...reachable].filter((cell) => reads.get(cell) !== 1)).toEqual([]);
      const named = unreachable.flatMap(({ ids, stale: which }) =>
        ids.flatMap((id) => which.map((i) => cellName(id, need.periods[i]!))),
      );
      const others = [...stale].filter((cell) => !reachable.has(cell));
      expect(named.length).toBe(others.length);
      expect(new Set(named)).toEqual(new Set(others));
    }),
    runs(60),
  );
});

test('keeps every call within the limits of its method', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      for (const chunk of planNeed(need, settings).chunks) {
        const limits = limitsOf(settings.profile, chunk.method, need.criteria.granularity);
        const periods = periodsOf(chunk, need);
        const perCall = chunk.idsPerCall ?? idsOf(chunk, need).length;
        expect(methodsOf(need)).toContain(chunk.method);
        expect(daysIn(chunk)).toBeLessThanOrEqual(limits.rangeDays);
        expect(chunk.from >= furthestDate(TODAY, limits.daysBack)).toBe(true);
        expect(chunk.to <= TODAY).toBe(true);
        expect(typeof chunk.ids === 'string' || chunk.ids.length <= limits.ids).toBe(true);
        if (chunk.method === 'report') continue;
        const rows = perCall * periods.length * hoursIn(need) * rowsPerCell(need.breakdown);
        const single = perCall === 1 && periods.length === 1;
        expect([chunk.ids === 'wanted', perCall <= limits.ids]).toEqual([false, true]);
        expect(single || rows <= (settings.rowsPerAnswer ?? ROWS_PER_ANSWER)).toBe(true);
      }
    }),
    runs(100),
  );
});

test('reads an object by itself where even its one day of hours is more than an answer should hold', () => {
  const criteria = criteriaOf({ granularity: 'HOUR', columns: ['QUIZ_PIN_RESULT_OPEN'] });
  const need = needWith({ objects: objects(2), periods: daysBack(2, 'HOUR'), criteria });
  const { chunks, unreachable } = planNeed(need, { profile: 'current', today: TODAY, rowsPerAnswer: 10 });
  expect(unreachable).toEqual([]);
  expect(chunks.map((chunk) => [periodsOf(chunk, need).length, callsToRead(chunk, need)])).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test('never cuts a week, a month or a TOTAL in two', () => {
  fc.assert(
    fc.property(needs(['WEEK', 'MONTH', 'TOTAL']), ({ need, settings }) => {
      const begins = new Set(need.periods.map(({ from }) => from));
      const ends = new Set(need.periods.map(({ to }) => earlier(to, TODAY)));
      for (const { from, to } of planNeed(need, settings).chunks) {
        expect([begins.has(from), ends.has(to)]).toEqual([true, true]);
      }
    }),
  );
});

test('puts the newest dates first, and says what each chunk costs', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const { chunks } = planNeed(need, settings);
      expect(chunks.map(({ to }) => to)).toEqual(
        chunks
          .map(({ to }) => to)
          .sort()
          .reverse(),
      );
      expect(chunks.map(({ apiCalls }) => apiCalls)).toEqual(chunks.map((chunk) => callsToRead(chunk, need)));
    }),
  );
});

test('is empty where nothing is stale', () => {
  const held = rowOf('*', '2026-01-01', TODAY);
  expect(planNeed(needWith({ coverage: [held] }), { profile: 'current', today: TODAY })).toEqual({
    chunks: [],
    unreachable: [],
    abandoned: [],
  });
});

test('before the catalogue has been read, reads all objects by reports, which need no ids', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const { chunks } = planNeed({ ...need, objects: null, selection: 'all' }, settings);
      expect(chunks.filter(({ method, ids }) => method !== 'report' || ids !== 'all')).toEqual([]);
      expect(planNeed({ ...need, objects: null, selection: 'some' }, settings).chunks).toEqual([]);
    }),
  );
  const unread = needWith({ objects: null });
  expect(planNeed(unread, { profile: 'current', today: TODAY }).chunks).toHaveLength(1);
  const analyticsOnly = { ...unread, criteria: criteriaOf({ columns: ['QUIZ_PIN_RESULT_OPEN'] }) };
  expect(planNeed(analyticsOnly, { profile: 'current', today: TODAY }).chunks).toEqual([]);
});

test('gives a cell up once three chunks of the run failed with it, and still reads the others', () => {
  const chunk: Chunk = {
    objectType: 'campaigns',
    method: 'analytics',
    ids: ['1002'],
    from: '2026-07-11',
    to: '2026-07-12',
    apiCalls: 1,
    rows: 2,
  };
  const planned = (tries: number) =>
    planNeed(
      needWith({
        objects: objects(2),
        selection: 'some',
        failed: [
          { chunk, tries },
          { chunk, tries: 1 },
        ],
      }),
      {
        profile: 'current',
        today: TODAY,
      },
    );
  expect(planned(1).abandoned).toEqual([]);
  const { abandoned, chunks } = planned(2);
  expect(abandoned).toEqual([{ ids: ['1002'], stale: [2, 3] }]);
  expect(chunks.map(({ ids, from, to }) => ({ ids, from, to }))).toEqual([
    { ids: ['1001', '1002'], from: '2026-07-09', to: TODAY },
  ]);
});
