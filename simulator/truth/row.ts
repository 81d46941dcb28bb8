// What is asked of the truth, and what it answers.
import type { Granularity, Period } from './calendar.js';
import type { Subject } from './dimensions.js';
import type { Attribution } from './read-day.js';
import type { ObjectType } from './objects.js';

export type Level = ObjectType | 'ad_accounts';
export type Value = string | number | undefined;

export interface RowQuery {
  accountId: string;
  objectType: Level;
  /** Both ends inclusive, YYYY-MM-DD. */
  from: string;
  to: string;
  columns: readonly string[];
  granularity: Granularity;
  attribution?: Attribution;
  /** When the numbers are read (ms): conversions are restated until their attribution windows have passed. */
  now: number;
  /** Only these objects; all if absent. */
  ids?: ReadonlySet<string>;
  /** Into how many parts each row is broken down. */
  parts?: number;
}

export interface Row {
  id: string;
  campaignId?: string;
  adGroupId?: string;
  /** Absent for TOTAL. */
  date?: string;
  /** HOUR only. */
  hour?: number;
  /** Columns without a value are missing. */
  values: Record<string, string | number>;
  /** The same of each part. */
  parts?: Record<string, string | number>[];
}

/** A row before it gets names: `values` stand in the order of the asked columns. */
export interface Measured {
  subject: Subject;
  period: Period;
  values: Value[];
  parts?: Value[][];
}
