// Rows that a target did not take, kept with reasons among the rejected ones: of each partition, those of its last delivery.
import type { DateOnly } from '../../dataflow/dates.js';
import type { Dataset } from '../../dataflow/object-types.js';
import type { DataflowAccount } from '../dataflow-account.js';
import { REJECTED_ROWS } from '../tables.js';
import { insert, time } from './rows.js';
import type { Session, Value } from './session.js';

/** A row that a target did not take. */
export interface RefusedRow {
  raw: string;
  reason: string;
}

/** What was delivered, and by which run. */
interface Delivered {
  account: DataflowAccount;
  runId: string;
  target: string;
  table: string;
  week: DateOnly;
}

export const keepRefused = async (
  session: Session,
  { account, runId, target, table: delivered, week }: Delivered,
  { objectType, breakdown }: Dataset,
  refused: readonly RefusedRow[],
  atMs: number,
): Promise<void> => {
  const { dataflow, adAccountId } = account;
  const table = session.table(dataflow, REJECTED_ROWS.name);
  const chunk = `${delivered}, week of ${week}`;
  await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1 AND target = $2 AND chunk = $3`, [
    adAccountId,
    target,
    chunk,
  ]);
  const noObject = null;
  const noDate = null;
  const rows = refused.map(({ raw, reason }): Value[] => [
    adAccountId,
    objectType,
    breakdown ?? null,
    noObject,
    noDate,
    raw,
    reason,
    chunk,
    runId,
    time(atMs),
    target,
  ]);
  await insert(session, table, REJECTED_ROWS.columns, rows);
};
