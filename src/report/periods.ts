// What the numbers of a dataflow are by, in words: dates, weeks, months, or its window as a whole.
import type { Granularity } from '../dataflow/chunk.js';
import type { DatasetFreshness } from '../store/figures/freshness.js';

export interface PeriodWords {
  one: string;
  many: string;
  /** `by week`, as Pinterest was asked. */
  asked: string;
  /** How numbers are shown; hours are added up to days. */
  shown: string;
  /** How much in one of those that are shown: so many `a day`. */
  each: string;
}

const WORDS: Readonly<Record<Granularity, PeriodWords>> = {
  HOUR: { one: 'date', many: 'dates', asked: 'by hour', shown: 'by day', each: 'a day' },
  DAY: { one: 'date', many: 'dates', asked: 'by day', shown: 'by day', each: 'a day' },
  WEEK: { one: 'week', many: 'weeks', asked: 'by week', shown: 'by week', each: 'a week' },
  MONTH: { one: 'month', many: 'months', asked: 'by month', shown: 'by month', each: 'a month' },
  TOTAL: { one: 'total', many: 'totals', asked: 'in total', shown: 'in total', each: 'in total' },
};

/** All tables of a dataflow have one granularity. */
export const periodWords = ([first]: readonly DatasetFreshness[]): PeriodWords =>
  WORDS[first?.granularity ?? 'DAY'];
