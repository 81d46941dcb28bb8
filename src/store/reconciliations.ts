// What the store adds up to beside what Pinterest says, and the findings that were made.
import { storeName } from '../dataflow/columns.js';
import type { DateOnly, DateRange } from '../dataflow/dates.js';
import { factsOf, type ObjectType } from '../dataflow/object-types.js';
import { SAME } from '../dataflow/reconcile/differences.js';
import { quote } from '../engine/sql-text.js';
import type { DataflowAccount } from './dataflow-account.js';
import { keepUpToDate } from './migrations.js';
import { between } from './sql/cell-ranges.js';
import { epochDay, fromDay, insert, time } from './sql/rows.js';
import type { Database, Row, Session } from './sql/session.js';
import { RECONCILIATIONS } from './tables.js';

/** Which rows of a table, and how they are added up. */
export interface Comparison extends DateRange {
  account: DataflowAccount;
  /** Whose table. */
  objectType: ObjectType;
  /** Objects; null for all that have rows. */
  ids: readonly string[] | null;
  /** Whether periods are compared one by one, or each object over all dates. */
  byPeriod: boolean;
  /** As in Pinterest's API. */
  columns: readonly string[];
  /** Parquet files of Pinterest's rows (`StagedAnswer.rowFiles`). */
  rowFiles: readonly string[];
  /** The column there that names the object: `object_id`, or a parent's. */
  idColumn: string;
}

export interface DifferingRow {
  id: string;
  /** The period's date in the store; null unless compared by period. */
  date: DateOnly | null;
  rows: number;
  /** In the order of the columns. */
  store: number[];
  pinterest: number[];
}

export interface Compared {
  /** Over all objects and dates, in the order of the columns. */
  sums: { store: number[]; pinterest: number[] };
  /** Objects, or cells, that differ in a column, by id and date; at most `MOST_DIFFERING`. */
  differing: DifferingRow[];
}

export const MOST_DIFFERING = 50_000;

export interface KeptReconciliation extends DateRange {
  id: string;
  workflowId: string;
  status: string;
  startedAtMs: number;
  completedAtMs: number;
  apiCalls: number;
  /** The workflow's whole answer. */
  result: unknown;
}

const numbers = (row: Row, prefix: string, count: number): number[] =>
  Array.from({ length: count }, (_, i) => Number(row[`${prefix}${i}`] ?? 0));

const compare = async (session: Session, comparison: Comparison): Promise<Compared> => {
  const { account, objectType, ids, byPeriod, columns, rowFiles, idColumn } = comparison;
  await session.makeRoomFor(columns.length);
  const facts = factsOf(objectType);
  const names = columns.map((column) => quote(storeName(column)));
  const [first, ...others] = rowFiles;
  const staged = first === undefined ? null : await session.staged('totals', [first, ...others]);
  const sums = (row: string, prefix: string): string =>
    names.map((name, i) => `sum(${row}.${name}) AS ${prefix}${i}`).join(', ');
  const date = (row: string): string => (byPeriod ? `${row}.date` : 'NULL::DATE');
  const group = byPeriod ? 'GROUP BY 1, 2' : 'GROUP BY 1';
  const own = `t.${quote(storeName(facts.idColumn))}`;
  const chosen = ids === null ? '' : `AND ${own} IN (SELECT unnest(string_to_array($2, ',')))`;
  const none = names.map((_, i) => `0::DOUBLE PRECISION AS p${i}`).join(', ');
  const now =
    staged === null
      ? `SELECT NULL::TEXT AS id, NULL::DATE AS date, ${none} WHERE false`
      : `SELECT r.${quote(idColumn)} AS id, ${date('r')} AS date, ${sums('r', 'p')} FROM ${staged} r ${group}`;
  const both = `WITH held AS (
      SELECT ${own} AS id, ${date('t')} AS date, count(*)::INTEGER AS n, ${sums('t', 's')}
      FROM ${session.table(account.dataflow, facts.analyticsTable)} t
      WHERE t.ad_account_id = $1 AND ${between('t.date', comparison)} ${chosen} ${group}
    ), now AS (${now})`;
  const on = byPeriod ? 'held.id = now.id AND held.date = now.date' : 'held.id = now.id';
  const values = [account.adAccountId, ...(ids === null ? [] : [ids.join(',')])];
  const all = names.map(
    (_, i) => `(SELECT sum(s${i}) FROM held) AS s${i}, (SELECT sum(p${i}) FROM now) AS p${i}`,
  );
  const total = await session.one(`${both} SELECT ${all.join(', ')}`, values);
  const differs = names.map((_, i) => {
    const [s, p] = [`coalesce(s${i}, 0)`, `coalesce(p${i}, 0)`];
    return `abs(${s} - ${p}) > ${SAME.absolute} + ${SAME.relative} * greatest(abs(${s}), abs(${p}))`;
  });
  const rows = await session.all(
    `${both} SELECT coalesce(held.id, now.id) AS id, ${epochDay('coalesce(held.date, now.date)')} AS day, coalesce(n, 0) AS n,
       ${names.map((_, i) => `s${i}, p${i}`).join(', ')}
     FROM held FULL JOIN now ON ${on} WHERE ${differs.join(' OR ')} ORDER BY 1, 2 LIMIT ${MOST_DIFFERING}`,
    values,
  );
  return {
    sums: { store: numbers(total!, 's', names.length), pinterest: numbers(total!, 'p', names.length) },
    differing: rows.map((row) => ({
      id: row['id'] as string,
      date: byPeriod ? fromDay(row['day']) : null,
      rows: Number(row['n']),
      store: numbers(row, 's', names.length),
      pinterest: numbers(row, 'p', names.length),
    })),
  };
};

export class Reconciliations {
  constructor(private readonly database: Database) {}

  compare(comparison: Comparison): Promise<Compared> {
    return this.database.use((session) => session.transaction(() => compare(session, comparison)));
  }

  /** What all rows of a type add up to, in the order of the columns. */
  async sums(
    account: DataflowAccount,
    objectType: ObjectType,
    range: DateRange,
    columns: readonly string[],
  ): Promise<number[]> {
    const whole = { ids: null, byPeriod: false, rowFiles: [], idColumn: 'object_id' };
    const { sums } = await this.compare({ account, objectType, ...range, columns, ...whole });
    return sums.store;
  }

  /** Keeps findings; those of the same execution are replaced. */
  save({ dataflow, adAccountId }: DataflowAccount, kept: KeptReconciliation): Promise<void> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, dataflow);
      const table = session.table(dataflow, RECONCILIATIONS.name);
      await session.transaction(async () => {
        await session.lock(`${dataflow}/reconciliations`);
        await session.run(`DELETE FROM ${table} WHERE id = $1`, [kept.id]);
        await insert(session, table, RECONCILIATIONS.columns, [
          [
            kept.id,
            kept.workflowId,
            adAccountId,
            kept.status,
            time(kept.startedAtMs),
            time(kept.completedAtMs),
            kept.from,
            kept.to,
            BigInt(kept.apiCalls),
            JSON.stringify(kept.result),
          ],
        ]);
      });
    });
  }
}
