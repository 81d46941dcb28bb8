// Date-only arithmetic on `YYYY-MM-DD` strings in UTC: pure and safe in workflow code.

/** A calendar date in UTC, `YYYY-MM-DD`. Comparing two as strings compares them as dates. */
export type DateOnly = string;

/** Both ends are included. */
export interface DateRange {
  from: DateOnly;
  to: DateOnly;
}

const DAY_MS = 86_400_000;

/** Days since 1970-01-01. */
export const dayNumber = (date: DateOnly): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

export const dateOfDay = (day: number): DateOnly => new Date(day * DAY_MS).toISOString().slice(0, 10);

export const dateOf = (epochMs: number): DateOnly => new Date(epochMs).toISOString().slice(0, 10);

/** The UTC midnight at which `date` begins, in epoch milliseconds. */
export const midnightMs = (date: DateOnly): number => dayNumber(date) * DAY_MS;

export const addDays = (date: DateOnly, days: number): DateOnly => dateOfDay(dayNumber(date) + days);

/** How many dates a range holds, both ends included. */
export const daysIn = ({ from, to }: DateRange): number => dayNumber(to) - dayNumber(from) + 1;

/** True for a date that exists: `2026-02-30` does not. */
export const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) &&
  !Number.isNaN(Date.parse(`${text}T00:00:00Z`)) &&
  dateOf(Date.parse(`${text}T00:00:00Z`)) === text;

/** The Monday on or before `date` (ISO weeks). */
export const mondayOf = (date: DateOnly): DateOnly => addDays(date, -((dayNumber(date) + 3) % 7));

export const firstOfMonth = (date: DateOnly): DateOnly => `${date.slice(0, 7)}-01`;

export const lastOfMonth = (date: DateOnly): DateOnly =>
  addDays(firstOfMonth(addDays(firstOfMonth(date), 31)), -1);

/** The later of two dates. */
export const later = (a: DateOnly, b: DateOnly): DateOnly => (a > b ? a : b);

/** The earlier of two dates. */
export const earlier = (a: DateOnly, b: DateOnly): DateOnly => (a < b ? a : b);
