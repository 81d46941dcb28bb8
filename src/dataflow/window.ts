// The window a run makes current, and its periods: the dates, weeks or months that cells are made of.
import type { Granularity } from './chunk.js';
import {
  addDays,
  dayNumber,
  dateOfDay,
  firstOfMonth,
  lastOfMonth,
  mondayOf,
  type DateOnly,
  type DateRange,
} from './dates.js';

/** Today and the dates behind it: `days` dates, today included. */
export const rollingWindow = (today: DateOnly, days: number): DateRange => ({
  from: addDays(today, -(days - 1)),
  to: today,
});

/** The period that a date lies in; of a TOTAL the window. */
export const periodOf = (date: DateOnly, granularity: Granularity, window: DateRange): DateRange => {
  switch (granularity) {
    case 'WEEK':
      return { from: mondayOf(date), to: addDays(mondayOf(date), 6) };
    case 'MONTH':
      return { from: firstOfMonth(date), to: lastOfMonth(date) };
    case 'TOTAL':
      return window;
    default:
      return { from: date, to: date };
  }
};

/**
 * The periods of a window, oldest first. A leading week or month that the window cuts is left out; so is a
 * trailing one, unless it is the one in progress (the window ends today), which is read as far as it has come.
 */
export const periodsIn = (window: DateRange, granularity: Granularity, today: DateOnly): DateRange[] => {
  const periods: DateRange[] = [];
  let day = dayNumber(window.from);
  const last = dayNumber(window.to);
  while (day <= last) {
    const period = periodOf(dateOfDay(day), granularity, window);
    const inProgress = period.to >= today && window.to === today;
    if (period.from >= window.from && (period.to <= window.to || inProgress)) periods.push(period);
    day = dayNumber(period.to) + 1;
  }
  return periods;
};
