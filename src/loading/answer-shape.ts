// What an HTTP answer is expected to hold, and what staging makes of it. A row of a date outside from..to is rejected.

import type { Granularity } from '../dataflow/chunk.js';
import type { MetricColumn } from '../dataflow/columns.js';
import type { DateRange } from '../dataflow/dates.js';
import type { Dataset } from '../dataflow/object-types.js';

/** The ids that one answer was asked for. A row of another id is rejected, and the reason names it. */
export type AskedIds = 'all' | readonly string[];

export interface AnswerShape extends Dataset, DateRange {
  granularity: Granularity;
  /**
   * Only what analytics promise is an answer: `[rows]`, or `{"data":[rows]}` by a breakdown. `{}` would pass for a report
   * without a row.
   */
  listOnly?: boolean;
  /** When given, rows of ids not in it are silently dropped: a report that named no ids serves a spec that does. */
  wantedIds?: string[];
  /** API columns (UPPER_CASE) wanted in the table: number → DOUBLE, text → VARCHAR. Ids and dates among them are left out: they come anyway. */
  columns: readonly MetricColumn[];
}

/** The most rejected rows of a chunk that are kept as they came, each with its reason. All are counted. */
export const MOST_RAW_REJECTS = 1_000;

export interface StagedAnswer {
  /**
   * Parquet: object_id VARCHAR, the parents above the object type (campaign_id, ad_group_id VARCHAR, may be NULL), date DATE,
   * hour UTINYINT (HOUR only), targeting_value VARCHAR (by a breakdown only), then one column per metric, in the lower case of its API name.
   */
  rowFiles: string[];
  /**
   * Parquet: raw VARCHAR (the row's JSON text, cut at 10,000 characters), reason VARCHAR, object_id VARCHAR, date DATE (both
   * may be NULL). Raw and reason are NULL where only the cell is noted: past `MOST_RAW_REJECTS` rows.
   */
  rejectFiles: string[];
  rows: number;
  rejectedRows: number;
  /** Rows received that concern wanted cells: kept or rejected. What was silently dropped is not counted. */
  inputRows: number;
  inputBytes: number;
}
