// Dates are calendar dates in UTC: no time zone and no daylight saving moves them.
import fc from 'fast-check';
import {
  addDays,
  dateOf,
  dateOfDay,
  dayNumber,
  daysIn,
  earlier,
  firstOfMonth,
  isDate,
  lastOfMonth,
  later,
  midnightMs,
  mondayOf,
} from '../../src/dataflow/dates.js';

const day = fc.integer({ min: dayNumber('2015-01-01'), max: dayNumber('2040-12-31') });
const date = day.map(dateOfDay);
const weekday = (text: string): number => new Date(`${text}T12:00:00Z`).getUTCDay();

test('a date and its day number are two names of the same day, and days follow one another', () => {
  fc.assert(
    fc.property(day, fc.integer({ min: -900, max: 900 }), (number, days) => {
      expect(dayNumber(dateOfDay(number))).toBe(number);
      expect(addDays(dateOfDay(number), days)).toBe(dateOfDay(number + days));
      expect(addDays(dateOfDay(number), 1) > dateOfDay(number)).toBe(true);
    }),
  );
});

test('a moment belongs to the date whose UTC midnight came last', () => {
  fc.assert(
    fc.property(date, fc.integer({ min: 0, max: 86_399_999 }), (text, ms) => {
      expect(dateOf(midnightMs(text) + ms)).toBe(text);
    }),
  );
});

test('a range counts both of its ends', () => {
  expect(daysIn({ from: '2026-02-28', to: '2026-03-01' })).toBe(2);
  expect(daysIn({ from: '2028-02-28', to: '2028-03-01' })).toBe(3);
  expect(daysIn({ from: '2026-07-15', to: '2026-07-15' })).toBe(1);
});

test('a week begins on its Monday', () => {
  fc.assert(
    fc.property(date, (text) => {
      const monday = mondayOf(text);
      expect(weekday(monday)).toBe(1);
      expect(daysIn({ from: monday, to: text })).toBeGreaterThanOrEqual(1);
      expect(daysIn({ from: monday, to: text })).toBeLessThanOrEqual(7);
    }),
  );
});

test('a month runs from its first to its last date', () => {
  fc.assert(
    fc.property(date, (text) => {
      expect(firstOfMonth(text)).toBe(`${text.slice(0, 7)}-01`);
      expect(lastOfMonth(text).slice(0, 7)).toBe(text.slice(0, 7));
      expect(addDays(lastOfMonth(text), 1).slice(8)).toBe('01');
    }),
  );
  expect(lastOfMonth('2026-02-10')).toBe('2026-02-28');
  expect(lastOfMonth('2028-02-01')).toBe('2028-02-29');
});

test('only dates that exist are dates', () => {
  fc.assert(fc.property(date, (text) => expect(isDate(text)).toBe(true)));
  for (const text of ['2026-02-30', '2027-02-29', '2026-13-01', '2026-00-10', '2026-04-31']) {
    expect([text, isDate(text)]).toEqual([text, false]);
  }
  for (const text of ['', '2026-7-1', '20260701', '2026-07-01T00:00:00Z', ' 2026-07-01', '01.07.2026']) {
    expect([text, isDate(text)]).toEqual([text, false]);
  }
});

test('of two dates one is the earlier and one the later', () => {
  expect(earlier('2026-07-01', '2026-06-30')).toBe('2026-06-30');
  expect(later('2026-07-01', '2026-06-30')).toBe('2026-07-01');
  expect(later('2026-07-01', '2026-07-01')).toBe('2026-07-01');
});
