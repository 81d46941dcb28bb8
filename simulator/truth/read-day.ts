// What a day has for all ads alike: how much people look at Pinterest, and how much of it is known when it is read.
import { dayOf } from './calendar.js';

/** Days of each attribution window. */
export interface Attribution {
  click: number;
  engagement: number;
  view: number;
  reportTime: 'TIME_OF_AD_ACTION' | 'TIME_OF_CONVERSION';
}
export const DEFAULT_ATTRIBUTION: Attribution = {
  click: 30,
  engagement: 30,
  view: 1,
  reportTime: 'TIME_OF_AD_ACTION',
};

/** Where conversions come from, and the part of them that does. */
export const SOURCES = ['CLICK', 'ENGAGEMENT', 'VIEW'] as const;
const SOURCE_WEIGHTS = [0.6, 0.25, 0.15];

export interface ReadDay {
  /** 1 on an ordinary day. */
  demand: number;
  /** The part of the delivery that is known; it settles within three days. */
  known: number;
  /** The part of all conversions that has come in from each source inside its window, and from those before it. */
  attributed: readonly number[];
}

/** How much of a day's delivery is known on the day itself, one day later, two days later. */
const KNOWN = [0.8, 0.97, 0.99];
/** Sunday first. */
const WEEKDAYS = [1.16, 0.95, 0.92, 0.93, 0.95, 1, 1.14];
const SEASON = { peak: dayOf('1970-12-03'), height: 0.35, days: 365.25 };
/** The largest attribution window there is, plus the day itself. */
const WINDOW_DAYS = 60 + 1;

const demandOf = (day: number): number => {
  const season = Math.cos((2 * Math.PI * (day - SEASON.peak)) / SEASON.days);
  return WEEKDAYS[(day + 4) % 7]! * (1 + SEASON.height * season);
};

/** @param age days from the day to the reading */
export const readDay = (day: number, age: number, { click, engagement, view }: Attribution): ReadDay => {
  let sum = 0;
  const attributed = [click, engagement, view].map((window, source) => {
    // most come soon
    sum += SOURCE_WEIGHTS[source]! * Math.sqrt((Math.min(age, window) + 1) / WINDOW_DAYS);
    return sum;
  });
  return { demand: demandOf(day), known: KNOWN[age] ?? 1, attributed };
};
