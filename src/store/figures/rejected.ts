// Rows that were kept aside, by reason.
import { epochMs, fromMs } from '../sql/rows.js';
import { REJECTED_ROWS } from '../tables.js';
import { tableIn, textOrNull, type DataflowSchema } from './schema.js';

export interface RejectedReason {
  objectType: string | null;
  /** The target that did not take the rows; null if the store did not. */
  target: string | null;
  reason: string;
  rows: number;
  lastAtMs: number;
}

export interface Rejected {
  rows: number;
  reasons: number;
  /** The most frequent first, 20 at most. */
  listed: RejectedReason[];
}

const MOST_LISTED = 20;

export const readRejected = async (schema: DataflowSchema): Promise<Rejected> => {
  const rows = await schema.session.all(
    `SELECT object_type, target, reason, count(*) AS rows, ${epochMs('max(rejected_at)')} AS last,
       sum(count(*)) OVER () AS total, count(*) OVER () AS reasons
     FROM ${tableIn(schema, REJECTED_ROWS.name)} GROUP BY object_type, target, reason
     ORDER BY rows DESC, reason LIMIT ${MOST_LISTED}`,
  );
  return {
    rows: Number(rows[0]?.['total'] ?? 0),
    reasons: Number(rows[0]?.['reasons'] ?? 0),
    listed: rows.map((row) => ({
      objectType: textOrNull(row['object_type']),
      target: textOrNull(row['target']),
      reason: String(row['reason']),
      rows: Number(row['rows']),
      lastAtMs: fromMs(row['last']),
    })),
  };
};
