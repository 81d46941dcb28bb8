// What an HTTP answer is expected to hold, and what staging makes of it. A row of a date outside from..to is rejected.

import type { Granularity } from '../dataflow/chunk.js';
import type { MetricColumn } from '../dataflow/columns.js';
import type { DateRange } from '../dataflow/dates.js';
import type { Dataset } from '../dataflow/object-types.js';

export interface AnswerShape extends Dataset, DateRange {
  granularity: Granularity;
  /** Only `[rows]` is an answer, as analytics promise it: `{}` would pass for a report without a row. */
  listOnly?: boolean;
  /** Ids asked for. A row of another id is rejected, and the reason names it. */
  ids: 'all' | string[];
  /** When given, rows of ids not in it are silently dropped: a report that named no ids serves a spec that does. */
  wantedIds?: string[];
  /** API columns (UPPER_CASE) wanted in the table: number → DOUBLE, text → VARCHAR. Ids and dates among them are left out: they come anyway. */
  columns: readonly MetricColumn[];
}

export interface StagedAnswer {
  /**
   * Parquet: object_id VARCHAR, the parents above the object type (campaign_id, ad_group_id VARCHAR, may be NULL), date DATE,
   * hour UTINYINT (HOUR only), then one column per metric, in the lower case of its API name.
   */
  rowFiles: string[];
  /** Parquet: raw VARCHAR (the row's JSON text, cut at 10,000 characters), reason VARCHAR, object_id VARCHAR, date DATE (both may be NULL). */
  rejectFiles: string[];
  rows: number;
  rejectedRows: number;
  /** Rows received that concern wanted cells: kept or rejected. What was silently dropped is not counted. */
  inputRows: number;
  inputBytes: number;
}
