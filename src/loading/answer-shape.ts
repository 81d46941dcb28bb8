/** What an HTTP answer is expected to hold, and what staging makes of it. */

export type ObjectType = 'campaigns' | 'ad_groups' | 'ads';
export type Granularity = 'TOTAL' | 'DAY' | 'HOUR' | 'WEEK' | 'MONTH';

/** Inclusive dates, YYYY-MM-DD. */
export interface DateRange {
  from: string;
  to: string;
}

export interface AnswerShape {
  objectType: ObjectType;
  granularity: Granularity;
  /** Only `[rows]` is an answer, as analytics promise it: `{}` would pass for a report without a row. */
  listOnly?: boolean;
  /** What was asked for: inclusive dates YYYY-MM-DD. A row of a date outside is rejected. */
  from: string;
  to: string;
  /** Parts of from..to whose rows are kept; rows of other dates inside from..to are silently dropped. */
  ranges: DateRange[];
  /** Ids asked for. A row of another id is rejected, and the reason names it. */
  ids: 'all' | string[];
  /** When given, rows of ids not in it are silently dropped: a report that named no ids serves a spec that does. */
  wantedIds?: string[];
  /** API columns (UPPER_CASE) wanted in the table: number → DOUBLE, text → VARCHAR. Ids and dates among them are left out: they come anyway. */
  columns: AnswerColumn[];
}

export interface AnswerColumn {
  name: string;
  kind: 'number' | 'text';
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
