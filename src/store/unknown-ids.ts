// Ids that were looked for in vain: they are not asked for again until the catalogue has been read anew.
import type { ListedType } from '../dataflow/object-types.js';
import type { DataflowAccount } from './dataflow-account.js';
import type { Database, Session } from './sql/session.js';
import { UNKNOWN_IDS } from './tables.js';

const add = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
  ids: readonly string[],
): Promise<void> => {
  if (ids.length === 0) return;
  const table = session.table(dataflow, UNKNOWN_IDS.name);
  const values = [adAccountId, objectType, ids.join(',')];
  const listed = `SELECT DISTINCT unnest(string_to_array($3, ',')) AS id`;
  await session.run(
    `DELETE FROM ${table} WHERE ad_account_id = $1 AND object_type = $2 AND id IN (${listed})`,
    values,
  );
  await session.run(
    `INSERT INTO ${table} (ad_account_id, object_type, id)
     SELECT $1::TEXT, $2::TEXT, unknown.id FROM (${listed}) unknown`,
    values,
  );
};

export class UnknownIds {
  constructor(private readonly database: Database) {}

  /** Those that the last complete reading of the catalogue lacked, and those that were looked up in vain since. */
  of({ dataflow, adAccountId }: DataflowAccount, objectType: ListedType): Promise<string[]> {
    return this.database.use(async (session) => {
      const rows = await session.all(
        `SELECT id FROM ${session.table(dataflow, UNKNOWN_IDS.name)} WHERE ad_account_id = $1 AND object_type = $2`,
        [adAccountId, objectType],
      );
      return rows.map((row) => row['id'] as string);
    });
  }

  /** `ids` were looked up in vain. */
  add(account: DataflowAccount, objectType: ListedType, ids: readonly string[]): Promise<void> {
    return this.change(account, objectType, (session) => add(session, account, objectType, ids));
  }

  /** The catalogue was read anew, and lacks `ids`. */
  replace(account: DataflowAccount, objectType: ListedType, ids: readonly string[]): Promise<void> {
    return this.change(account, objectType, async (session) => {
      const table = session.table(account.dataflow, UNKNOWN_IDS.name);
      await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1 AND object_type = $2`, [
        account.adAccountId,
        objectType,
      ]);
      await add(session, account, objectType, ids);
    });
  }

  private change(
    { dataflow }: DataflowAccount,
    objectType: ListedType,
    work: (session: Session) => Promise<void>,
  ): Promise<void> {
    return this.database.use((session) =>
      session.transaction(async () => {
        await session.lock(`${dataflow}/unknown_ids/${objectType}`);
        await work(session);
      }),
    );
  }
}
