// UTC dates as day numbers since 1970, and the periods of a granularity.

export const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const GRANULARITIES = ['TOTAL', 'DAY', 'HOUR', 'WEEK', 'MONTH'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** What one row covers: the days `first` to `last`, or one hour of `first`. TOTAL has no date. */
export interface Period {
  date?: string;
  hour?: number;
  first: number;
  last: number;
}

export const dayOf = (date: string): number => Date.parse(date) / DAY_MS;
export const dayAt = (ms: number): number => Math.floor(ms / DAY_MS);
export const dateOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** 1970-01-01 was a Thursday. */
const mondayOf = (day: number): number => day - ((day + 3) % 7);
const firstOfMonth = (day: number): number => dayOf(`${dateOf(day).slice(0, 7)}-01`);

/** Splits the asked range; a week or month that the range cuts holds only the days inside, under its own first day. */
export const periodsOf = (from: string, to: string, granularity: Granularity, nowMs: number): Period[] => {
  const first = dayOf(from);
  const last = Math.min(dayOf(to), dayAt(nowMs));
  if (first > last) return [];
  if (granularity === 'TOTAL') return [{ first, last }];
  const days = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  if (granularity === 'HOUR') return days.flatMap((day) => hoursOf(day, nowMs));
  if (granularity === 'DAY') return days.map((day) => ({ date: dateOf(day), first: day, last: day }));
  const startOf = granularity === 'WEEK' ? mondayOf : firstOfMonth;
  const periods = new Map<number, Period>();
  for (const day of days) {
    const start = startOf(day);
    const period = periods.get(start);
    if (period) period.last = day;
    else periods.set(start, { date: dateOf(start), first: day, last: day });
  }
  return [...periods.values()];
};

const hoursOf = (day: number, nowMs: number): Period[] => {
  const begun = Math.min(24, Math.floor((nowMs - day * DAY_MS) / HOUR_MS) + 1);
  const date = dateOf(day);
  return Array.from({ length: begun }, (_, hour) => ({ date, hour, first: day, last: day }));
};
