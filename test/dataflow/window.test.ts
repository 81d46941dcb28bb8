// The window of a run, cut into the periods that people read numbers by.
import fc from 'fast-check';
import { addDays, dateOfDay, dayNumber, daysIn, type DateRange } from '../../src/dataflow/dates.js';
import { contains } from '../../src/dataflow/ranges.js';
import { periodsIn, rollingWindow } from '../../src/dataflow/window.js';

const TODAY = '2026-07-15'; // a Wednesday
const today = fc.integer({ min: dayNumber('2024-01-01'), max: dayNumber('2029-12-31') }).map(dateOfDay);
const granularity = fc.constantFrom('DAY', 'HOUR', 'WEEK', 'MONTH', 'TOTAL');
/** A window that ends today, or one that lies in the past. */
const windowed = fc
  .tuple(today, fc.integer({ min: 1, max: 400 }), fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 60 })))
  .map(([date, days, ago]) => ({ date, window: rollingWindow(addDays(date, -ago), days) }));
const isMonth = ({ from, to }: DateRange): boolean =>
  from.endsWith('-01') && addDays(to, 1).endsWith('-01') && daysIn({ from, to }) <= 31;
const isWeek = ({ from, to }: DateRange): boolean =>
  new Date(`${from}T00:00:00Z`).getUTCDay() === 1 && daysIn({ from, to }) === 7;

test('a window of N days holds N dates, today included', () => {
  fc.assert(
    fc.property(today, fc.integer({ min: 1, max: 914 }), (date, days) => {
      const window = rollingWindow(date, days);
      expect(window.to).toBe(date);
      expect(daysIn(window)).toBe(days);
    }),
  );
});

test('periods follow one another without gap or overlap, oldest first', () => {
  fc.assert(
    fc.property(windowed, granularity, ({ date, window }, by) => {
      const periods = periodsIn(window, by, date);
      expect(periods.every(({ from, to }) => from <= to)).toBe(true);
      expect(periods.slice(1).map(({ from }) => from)).toEqual(
        periods.slice(0, -1).map(({ to }) => addDays(to, 1)),
      );
    }),
  );
});

test('days and hours make up the whole window, and a TOTAL is the window', () => {
  fc.assert(
    fc.property(windowed, ({ date, window }) => {
      for (const by of ['DAY', 'HOUR'] as const) {
        const periods = periodsIn(window, by, date);
        expect(periods).toHaveLength(daysIn(window));
        expect(periods[0]!.from).toBe(window.from);
        expect(periods.every(({ from, to }) => from === to)).toBe(true);
      }
      expect(periodsIn(window, 'TOTAL', date)).toEqual([window]);
    }),
  );
});

test('weeks run from Monday to Sunday, months from their first to their last date', () => {
  fc.assert(
    fc.property(windowed, ({ date, window }) => {
      expect(periodsIn(window, 'WEEK', date).every(isWeek)).toBe(true);
      expect(periodsIn(window, 'MONTH', date).every(isMonth)).toBe(true);
    }),
  );
});

test('a week or month is there if the window holds all of it, or all that there is of it so far', () => {
  fc.assert(
    fc.property(windowed, fc.constantFrom('WEEK', 'MONTH'), ({ date, window }, by) => {
      const periods = periodsIn(window, by, date);
      for (const { from, to } of periods) {
        const soFar = { from, to: window.to === date && to > date ? date : to };
        expect(contains(window, soFar)).toBe(true);
      }
      // What is missing at either end is shorter than a period.
      const longest = by === 'WEEK' ? 6 : 30;
      const first = periods[0]?.from ?? addDays(window.to, 1);
      expect(dayNumber(first) - dayNumber(window.from)).toBeLessThanOrEqual(
        periods.length > 0 ? longest : 2 * longest,
      );
      const reached = periods.at(-1)?.to ?? window.to;
      expect(dayNumber(window.to) - dayNumber(reached)).toBeLessThanOrEqual(longest);
      expect(window.to < date || periods.length === 0 || reached >= date).toBe(true);
    }),
  );
});

test('the leading week that the window cuts is left out, the week in progress is kept', () => {
  expect(periodsIn({ from: '2026-06-30', to: TODAY }, 'WEEK', TODAY)).toEqual([
    { from: '2026-07-06', to: '2026-07-12' },
    { from: '2026-07-13', to: '2026-07-19' },
  ]);
  expect(periodsIn({ from: '2026-05-02', to: TODAY }, 'MONTH', TODAY)).toEqual([
    { from: '2026-06-01', to: '2026-06-30' },
    { from: '2026-07-01', to: '2026-07-31' },
  ]);
});

test('the trailing week that a past window cuts is left out', () => {
  expect(periodsIn({ from: '2026-06-01', to: '2026-06-10' }, 'WEEK', TODAY)).toEqual([
    { from: '2026-06-01', to: '2026-06-07' },
  ]);
  expect(periodsIn({ from: '2026-06-02', to: '2026-06-10' }, 'WEEK', TODAY)).toEqual([]);
});
