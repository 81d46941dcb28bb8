// The catalogue in the store: ad account, objects of every status, and how far each list has been read.
import type { KnownObject } from '../dataflow/coverage.js';
import { storeName } from '../dataflow/columns.js';
import {
  factsOf,
  isListed,
  OBJECT_TYPES,
  type ListedType,
  type ObjectType,
} from '../dataflow/object-types.js';
import type { ListProblems } from '../dataflow/list-problems.js';
import { fieldValue, type CatalogueItem } from './catalogue-values.js';
import type { DataflowAccount } from './dataflow-account.js';
import { epochMs, fromMs, fromMsOrNull, insert, time, timeOrNull } from './sql/rows.js';
import type { Database, Session, Value } from './sql/session.js';
import { AD_ACCOUNTS, CATALOGUE_READS, catalogueTable } from './tables.js';
import { quote } from '../engine/sql-text.js';

export interface AdAccountRow {
  id: string;
  name: string | null;
  currency: string | null;
  country: string | null;
  permissions: readonly string[];
}

/** How far the catalogue of one object type has been read. */
export interface CatalogueState {
  /** When the last complete reading ended, server's time; null before the first. */
  completedAtMs: number | null;
  /** The bookmark of a reading under way, or null. */
  bookmark: string | null;
  /** True while a reading is under way. */
  reading: boolean;
  /** The bookmarks that the reading under way has met, as `Reading` remembers them: without commas. */
  seen?: readonly string[] | undefined;
  /** What was wrong with the list, as far as the last reading came. */
  problems?: ListProblems | undefined;
}

export interface CatalogueObject extends KnownObject {
  name: string | null;
}

const savePage = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
  items: readonly CatalogueItem[],
  loadedAtMs: number,
): Promise<void> => {
  const { columns } = catalogueTable(objectType);
  const objects = session.table(dataflow, objectType);
  // The last of two items of one id on a page wins.
  const byId = new Map(items.map((item) => [item.id, item]));
  const seen = await session.all(
    `DELETE FROM ${objects} WHERE ad_account_id = $1 AND id IN (SELECT unnest(string_to_array($2, ',')))
     RETURNING id, ${epochMs('_first_seen_at')} AS at`,
    [adAccountId, [...byId.keys()].join(',')],
  );
  const firstSeen = new Map(seen.map((row) => [row['id'] as string, fromMs(row['at'])]));
  const rows = [...byId.values()].map((item) =>
    columns.map((column): Value => {
      if (column.name === 'ad_account_id') return adAccountId;
      if (column.name === '_loaded_at') return time(loadedAtMs);
      if (column.name === '_first_seen_at') return time(firstSeen.get(item.id) ?? loadedAtMs);
      return fieldValue(column, item[column.name]) ?? null;
    }),
  );
  await insert(session, objects, columns, rows);
};

const saveState = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
  { bookmark, reading, completedAtMs, seen, problems }: CatalogueState,
): Promise<void> => {
  const table = session.table(dataflow, CATALOGUE_READS.name);
  await session.run(`DELETE FROM ${table} WHERE ad_account_id = $1 AND object_type = $2`, [
    adAccountId,
    objectType,
  ]);
  await insert(session, table, CATALOGUE_READS.columns, [
    [
      adAccountId,
      objectType,
      bookmark,
      reading,
      timeOrNull(completedAtMs),
      seen?.join(',') || null,
      problems ? JSON.stringify(problems) : null,
    ],
  ]);
};

/** True if there are rows of an id that the catalogue lacks, first loaded after it was read. */
const hasUnknownIds = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
): Promise<boolean> => {
  const { analyticsTable, idColumn } = factsOf(objectType);
  const id = quote(storeName(idColumn));
  const row = await session.one(
    `SELECT 1 AS found FROM ${session.table(dataflow, analyticsTable)} rows
     JOIN ${session.table(dataflow, CATALOGUE_READS.name)} catalogue
       ON catalogue.ad_account_id = rows.ad_account_id AND catalogue.object_type = $2
     WHERE rows.ad_account_id = $1 AND catalogue.completed_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM ${session.table(dataflow, objectType)} known
                       WHERE known.ad_account_id = rows.ad_account_id AND known.id = rows.${id})
     GROUP BY rows.${id}, catalogue.completed_at
     HAVING min(rows._loaded_at) > catalogue.completed_at
     LIMIT 1`,
    [adAccountId, objectType],
  );
  return row !== undefined;
};

const readState = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
): Promise<CatalogueState> => {
  const row = await session.one(
    `SELECT bookmark, reading, ${epochMs('completed_at')} AS completed_at, seen, problems
     FROM ${session.table(dataflow, CATALOGUE_READS.name)} WHERE ad_account_id = $1 AND object_type = $2`,
    [adAccountId, objectType],
  );
  if (!row) return { completedAtMs: null, bookmark: null, reading: false };
  const { seen, problems } = row as { seen: string | null; problems: string | null };
  return {
    completedAtMs: fromMsOrNull(row['completed_at']),
    bookmark: row['bookmark'] as string | null,
    reading: row['reading'] as boolean,
    ...(seen !== null && { seen: seen.split(',') }),
    ...(problems !== null && { problems: JSON.parse(problems) as ListProblems }),
  };
};

const readObjects = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  objectType: ListedType,
): Promise<CatalogueObject[]> => {
  const rows = await session.all(
    `SELECT id, name, ${epochMs('_first_seen_at')} AS first_seen
     FROM ${session.table(dataflow, objectType)} WHERE ad_account_id = $1`,
    [adAccountId],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    name: row['name'] as string | null,
    firstSeenMs: fromMs(row['first_seen']),
  }));
};

/** The ad account itself needs no list. */
const itself = ({ adAccountId }: DataflowAccount): CatalogueObject[] => [
  { id: adAccountId, name: null, firstSeenMs: 0 },
];

export class Catalogue {
  constructor(private readonly database: Database) {}

  saveAdAccount(account: DataflowAccount, row: AdAccountRow, loadedAtMs: number): Promise<void> {
    const { dataflow, adAccountId } = account;
    return this.database.use((session) =>
      session.transaction(async () => {
        const table = session.table(dataflow, AD_ACCOUNTS.name);
        await session.lock(`${dataflow}/ad_accounts`);
        await session.run(`DELETE FROM ${table} WHERE id = $1`, [adAccountId]);
        const { name, currency, country, permissions } = row;
        await insert(session, table, AD_ACCOUNTS.columns, [
          [adAccountId, name, currency, country, permissions.join(','), time(loadedAtMs)],
        ]);
      }),
    );
  }

  /** When the ad account was last read, epoch ms, or null. */
  adAccountReadAtMs({ dataflow, adAccountId }: DataflowAccount): Promise<number | null> {
    return this.database.use(async (session) => {
      const row = await session.one(
        `SELECT ${epochMs('_loaded_at')} AS at FROM ${session.table(dataflow, AD_ACCOUNTS.name)} WHERE id = $1`,
        [adAccountId],
      );
      return row ? fromMs(row['at']) : null;
    });
  }

  state(account: DataflowAccount, objectType: ListedType): Promise<CatalogueState> {
    return this.database.use((session) => readState(session, account, objectType));
  }

  /** Upserts a page together with where the reading stands; null leaves that as it is. */
  savePage(
    account: DataflowAccount,
    objectType: ListedType,
    items: readonly CatalogueItem[],
    loadedAtMs: number,
    state: CatalogueState | null,
  ): Promise<void> {
    return this.database.use((session) =>
      session.transaction(async () => {
        await session.lock(`${account.dataflow}/catalogue/${objectType}`);
        await savePage(session, account, objectType, items, loadedAtMs);
        if (state) await saveState(session, account, objectType, state);
      }),
    );
  }

  /** When the objects of a type were read through, and which there are: null and nothing before that. */
  async known(
    account: DataflowAccount,
    objectType: ObjectType,
  ): Promise<{ readAtMs: number | null; objects: CatalogueObject[] | null }> {
    if (!isListed(objectType)) return { readAtMs: 0, objects: itself(account) };
    return this.database.use(async (session) => {
      const { completedAtMs: readAtMs } = await readState(session, account, objectType);
      return {
        readAtMs,
        objects: readAtMs === null ? null : await readObjects(session, account, objectType),
      };
    });
  }

  async objects(account: DataflowAccount, objectType: ObjectType): Promise<CatalogueObject[]> {
    if (!isListed(objectType)) return itself(account);
    return this.database.use((session) => readObjects(session, account, objectType));
  }

  /** Object types with rows of ids that the catalogue lacks and that were first loaded after it was read. */
  typesWithUnknownIds(account: DataflowAccount): Promise<ListedType[]> {
    return this.database.use(async (session) => {
      const found: ListedType[] = [];
      for (const objectType of OBJECT_TYPES)
        if (await hasUnknownIds(session, account, objectType)) found.push(objectType);
      return found;
    });
  }
}
