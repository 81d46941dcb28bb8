// The ledger of deliveries: what each target was given last of each partition, and what is under way. Only the run that holds the
// claim writes, and only over the state that it has read: of two attempts of one step, one finds that it came too late. Only a target that is gone
// has the lines of all ad accounts forgotten.
import type { DateOnly } from '../dataflow/dates.js';
import { KnownError } from '../dataflow/failures.js';
import type { Dataset } from '../dataflow/object-types.js';
import type { DataflowAccount } from './dataflow-account.js';
import { keepRefused, type RefusedRow } from './sql/refused-rows.js';
import { epochDay, epochMs, fromDay, fromMs, insert, time } from './sql/rows.js';
import type { Database, Row, Session, Value } from './sql/session.js';
import { CLAIMS, DELIVERIES } from './tables.js';

export { type RefusedRow } from './sql/refused-rows.js';

/** A line of the ledger. */
export interface LedgerEntry {
  table: string;
  week: DateOnly;
  /** Null if nothing of it stands there: never delivered, or removed since. The hash is null from when it is to be removed. */
  delivered: { hash: string | null; id: string; rows: number; failedRows: number } | null;
  /** Begun, and not known to have ended. The id is null until the answer to its beginning was noted. */
  pending: { hash: string; id: string | null; sinceMs: number } | null;
}

/** Whose line it is, and the run that writes it. */
export interface LedgerKey {
  account: DataflowAccount;
  /** The run's id, as its claim has it. */
  runId: string;
  target: string;
  table: string;
  week: DateOnly;
}

export interface Settled {
  id: string;
  hash: string;
  rows: number;
  failedRows: number;
  atMs: number;
}

const deliveredOf = (row: Row): LedgerEntry['delivered'] =>
  row['delivery_id'] === null
    ? null
    : {
        hash: row['hash'] as string | null,
        id: row['delivery_id'] as string,
        rows: Number(row['rows']),
        failedRows: Number(row['failed_rows']),
      };

const pendingOf = (row: Row): LedgerEntry['pending'] =>
  row['pending_since'] === null
    ? null
    : {
        hash: row['pending_hash'] as string,
        id: row['pending_id'] as string | null,
        sinceMs: fromMs(row['pending_since']),
      };

const entryOf = (row: Row): LedgerEntry => ({
  table: row['table_name'] as string,
  week: fromDay(row['week']),
  delivered: deliveredOf(row),
  pending: pendingOf(row),
});

const SELECTED = `table_name, ${epochDay('week')} AS week, hash, delivery_id, rows, failed_rows, pending_hash, pending_id,
  CASE WHEN pending_since IS NULL THEN NULL ELSE ${epochMs('pending_since')} END AS pending_since`;

const THIS_LINE = 'target = $1 AND table_name = $2 AND ad_account_id = $3 AND week = $4::DATE';
const lineOf = ({ target, table, account, week }: LedgerKey): [string, string, string, string] => [
  target,
  table,
  account.adAccountId,
  week,
];

const tooLate = ({ target, table, week }: LedgerKey): KnownError =>
  new KnownError(
    'TargetUnavailable',
    `Another attempt went on with ${table}, week of ${week}, for ${target}`,
  );

export class Deliveries {
  constructor(private readonly database: Database) {}

  /** The lines of an ad account. */
  entries({ dataflow, adAccountId }: DataflowAccount, target: string): Promise<LedgerEntry[]> {
    return this.database.use(async (session) => {
      const rows = await session.all(
        `SELECT ${SELECTED} FROM ${session.table(dataflow, DELIVERIES.name)} WHERE target = $1 AND ad_account_id = $2`,
        [target, adAccountId],
      );
      return rows.map(entryOf);
    });
  }

  /** One line; undefined before its partition was first begun. */
  entry({ account, target, table, week }: Omit<LedgerKey, 'runId'>): Promise<LedgerEntry | undefined> {
    return this.database.use(async (session) => {
      const row = await session.one(
        `SELECT ${SELECTED} FROM ${session.table(account.dataflow, DELIVERIES.name)} WHERE ${THIS_LINE}`,
        [target, table, account.adAccountId, week],
      );
      return row && entryOf(row);
    });
  }

  /** Sets a target up while no other ad account's run of the dataflow does, on whichever worker. */
  setUpAlone<T>(dataflow: string, target: string, work: () => Promise<T>): Promise<T> {
    return this.database.alone(`${dataflow}/set-up of ${target}`, work);
  }

  /** True if no ad account of the dataflow ever began a delivery to the target. */
  isEmpty(dataflow: string, target: string): Promise<boolean> {
    return this.database.use(async (session) => {
      const row = await session.one(
        `SELECT 1 AS found FROM ${session.table(dataflow, DELIVERIES.name)} WHERE target = $1 LIMIT 1`,
        [target],
      );
      return row === undefined;
    });
  }

  /** The target holds nothing that was delivered before: all of it is due again, of every ad account, whoever holds their claims. */
  forgetDelivered({
    account,
    runId,
    target,
  }: Pick<LedgerKey, 'account' | 'runId' | 'target'>): Promise<void> {
    return this.write({ account, runId }, async (session, table) => {
      await session.run(
        `UPDATE ${table} SET hash = NULL, delivery_id = NULL, rows = 0, failed_rows = 0, delivered_at = NULL
         WHERE target = $1 AND delivery_id IS NOT NULL`,
        [target],
      );
    });
  }

  /** The ids of all deliveries to a target that are under way or stand there, of every ad account. */
  ids(dataflow: string, target: string): Promise<Set<string>> {
    return this.database.use(async (session) => {
      const rows = await session.all(
        `SELECT delivery_id, pending_id FROM ${session.table(dataflow, DELIVERIES.name)} WHERE target = $1`,
        [target],
      );
      const ids = rows.flatMap((row) => [row['delivery_id'], row['pending_id']]);
      return new Set(ids.filter((id) => typeof id === 'string'));
    });
  }

  /**
   * Notes that a delivery is about to begin; before the target is asked, so that what a lost answer leaves behind is found.
   * @param hash of the rows that will be sent
   */
  async intend(key: LedgerKey, hash: string, sinceMs: number): Promise<void> {
    await this.write(key, async (session, table) => {
      const columns = DELIVERIES.columns.filter(({ name }) =>
        ['target', 'table_name', 'ad_account_id', 'week'].includes(name),
      );
      const line = lineOf(key);
      if (!(await session.one(`SELECT 1 AS found FROM ${table} WHERE ${THIS_LINE}`, line)))
        await insert(session, table, columns, [line]);
      await this.change(session, key, 'pending_since IS NULL', [], {
        pending_hash: hash,
        pending_since: time(sinceMs),
        run_id: key.runId,
      });
    });
  }

  /** Notes the id that the target gave to what was intended then. */
  async note(key: LedgerKey, sinceMs: number, id: string): Promise<void> {
    await this.write(key, (session) =>
      this.change(session, key, 'pending_id IS NULL AND pending_since = $5::TIMESTAMP', [time(sinceMs)], {
        pending_id: id,
      }),
    );
  }

  /** Forgets what was under way: it ended without effect, or never began. Fine if it is forgotten already. */
  async forget(key: LedgerKey, id: string | null): Promise<void> {
    await this.write(key, async (session, table) => {
      const which = id === null ? 'pending_id IS NULL' : 'pending_id = $5';
      await session.run(
        `UPDATE ${table} SET pending_hash = NULL, pending_id = NULL, pending_since = NULL WHERE ${THIS_LINE} AND ${which}`,
        [...lineOf(key), ...(id === null ? [] : [id])],
      );
    });
  }

  /** The delivery under way has arrived: it is the last one now, and the rows that it left out are kept with reasons. */
  async settle(
    key: LedgerKey,
    dataset: Dataset,
    settled: Settled,
    refused: readonly RefusedRow[],
  ): Promise<void> {
    const { id, hash, rows, failedRows, atMs } = settled;
    await this.write(key, async (session) => {
      await this.change(session, key, 'pending_id = $5', [id], {
        hash,
        delivery_id: id,
        rows: BigInt(rows),
        failed_rows: BigInt(failedRows),
        delivered_at: time(atMs),
        pending_hash: null,
        pending_id: null,
        pending_since: null,
        run_id: key.runId,
      });
      await keepRefused(session, key, dataset, refused, atMs);
    });
  }

  /** A delivery that failed: forgotten, and its refused rows kept with reasons. */
  async fail(
    key: LedgerKey,
    dataset: Dataset,
    id: string,
    refused: readonly RefusedRow[],
    atMs: number,
  ): Promise<void> {
    await this.forget(key, id);
    await this.write(key, (session) => keepRefused(session, key, dataset, refused, atMs));
  }

  /** Notes that a delivery is about to be taken away: from here on nobody knows whether it stands there still. */
  async intendRemoval(key: LedgerKey, id: string): Promise<void> {
    await this.write(key, (session) =>
      this.change(session, key, 'delivery_id = $5 AND pending_since IS NULL', [id], {
        hash: null,
        run_id: key.runId,
      }),
    );
  }

  /** The partition was emptied there. The line stays: the ledger knows the target. */
  async remove(key: LedgerKey, id: string, atMs: number): Promise<void> {
    await this.write(key, async (session) => {
      await this.change(session, key, 'delivery_id = $5 AND pending_since IS NULL', [id], {
        hash: null,
        delivery_id: null,
        rows: 0n,
        failed_rows: 0n,
        delivered_at: time(atMs),
        run_id: key.runId,
      });
    });
  }

  /** Changes the line if it is as `condition` says ($5 on are `values`), or if it is so changed already. */
  private async change(
    session: Session,
    key: LedgerKey,
    condition: string,
    values: Value[],
    to: Record<string, Value>,
  ): Promise<void> {
    const table = session.table(key.account.dataflow, DELIVERIES.name);
    const type = (name: string): string => DELIVERIES.columns.find((column) => column.name === name)!.type;
    const names = Object.keys(to);
    const given = (after: number): string[] => names.map((name, i) => `$${after + i + 1}::${type(name)}`);
    const set = given(4 + values.length).map((value, i) => `${names[i]} = ${value}`);
    const line = lineOf(key);
    const changed = await session.run(
      `UPDATE ${table} SET ${set.join(', ')} WHERE ${THIS_LINE} AND ${condition}`,
      [...line, ...values, ...Object.values(to)],
    );
    if (changed === 1) return;
    // A commit may have arrived although its connection was lost.
    const same = given(4).map((value, i) => `${names[i]} IS NOT DISTINCT FROM ${value}`);
    const found = await session.one(
      `SELECT 1 AS found FROM ${table} WHERE ${THIS_LINE} AND ${same.join(' AND ')}`,
      [...line, ...Object.values(to)],
    );
    if (!found) throw tooLate(key);
  }

  /** @throws KnownError `ClaimLost` if the run does not hold the claim */
  private write<T>(
    { account: { dataflow, adAccountId }, runId }: Pick<LedgerKey, 'account' | 'runId'>,
    work: (session: Session, table: string) => Promise<T>,
  ): Promise<T> {
    return this.database.use((session) =>
      session.transaction(async () => {
        // The same lock that a claim is taken under.
        await session.lock(`${dataflow}/claims`);
        const claim = await session.one(
          `SELECT open, run_id FROM ${session.table(dataflow, CLAIMS.name)} WHERE ad_account_id = $1`,
          [adAccountId],
        );
        if (!claim?.['open'] || claim['run_id'] !== runId)
          throw new KnownError('ClaimLost', `Another run holds ${dataflow} of ad account ${adAccountId} now`);
        return work(session, session.table(dataflow, DELIVERIES.name));
      }),
    );
  }
}
