// What the last comparison of each ad account with Pinterest's own totals found.
import type { Reconciliation } from '../../dataflow/reconcile/reconciliation.js';
import { epochMs, fromMs } from '../sql/rows.js';
import { RECONCILIATIONS } from '../tables.js';
import { tableIn, type DataflowSchema } from './schema.js';

export interface LastReconciliation {
  completedAtMs: number;
  found: Reconciliation;
}

export interface Reconciled {
  /** Ad accounts that were ever compared. */
  accounts: number;
  /** The last of each, those that differ first, then the newest; 20 at most. */
  listed: LastReconciliation[];
}

const MOST_LISTED = 20;

export const readReconciled = async (schema: DataflowSchema): Promise<Reconciled> => {
  const rows = await schema.session.all(
    `WITH r AS (
       SELECT ad_account_id, status, completed, result,
         row_number() OVER (PARTITION BY ad_account_id ORDER BY completed DESC, id) AS place
       FROM ${tableIn(schema, RECONCILIATIONS.name)}
     )
     SELECT ${epochMs('completed')} AS completed_at, result, count(*) OVER () AS total FROM r WHERE place = 1
     ORDER BY CASE status WHEN 'differs' THEN 0 ELSE 1 END, completed DESC, ad_account_id LIMIT ${MOST_LISTED}`,
  );
  return {
    accounts: Number(rows[0]?.['total'] ?? 0),
    listed: rows.map((row) => ({
      completedAtMs: fromMs(row['completed_at']),
      found: JSON.parse(String(row['result'])) as Reconciliation,
    })),
  };
};
