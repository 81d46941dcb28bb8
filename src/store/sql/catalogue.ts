// The catalogue in the store: ad account, objects of every status, and how far each list has been read.
import { OBJECT_TYPES, type ObjectType } from '../../dataflow/chunk.js';
import { ID_COLUMN, storeName } from '../../dataflow/columns.js';
import {
  ANALYTICS_TABLE,
  type AdAccountRow,
  type CatalogueItem,
  type CatalogueObject,
  type CatalogueState,
  type DataflowAccount,
} from '../store.js';
import { AD_ACCOUNTS, CATALOGUE_READS, catalogueTable, quote, type Column } from '../tables.js';
import { epochMs, fromMs, fromMsOrNull, insert, time, timeOrNull } from './rows.js';
import type { Session, Value } from './session.js';

export const saveAdAccount = (
  session: Session,
  place: DataflowAccount,
  account: AdAccountRow,
  loadedAtMs: number,
): Promise<void> =>
  session.transaction(async () => {
    await session.lock(`${place.dataflow}/ad_accounts`);
    await session.run(`DELETE FROM ${session.table(place.dataflow, 'ad_accounts')} WHERE id = $1`, [
      place.adAccountId,
    ]);
    const { name, currency, country, permissions } = account;
    await insert(session, session.table(place.dataflow, 'ad_accounts'), AD_ACCOUNTS.columns, [
      [place.adAccountId, name, currency, country, permissions.join(','), time(loadedAtMs)],
    ]);
  });

export const adAccountReadAtMs = async (session: Session, place: DataflowAccount): Promise<number | null> => {
  const row = await session.one(
    `SELECT ${epochMs('_loaded_at')} AS at FROM ${session.table(place.dataflow, 'ad_accounts')} WHERE id = $1`,
    [place.adAccountId],
  );
  return row ? fromMs(row['at']) : null;
};

export const catalogueState = async (
  session: Session,
  place: DataflowAccount,
  objectType: ObjectType,
): Promise<CatalogueState> => {
  const row = await session.one(
    `SELECT bookmark, reading, ${epochMs('completed_at')} AS completed_at
     FROM ${session.table(place.dataflow, 'catalogue_reads')} WHERE ad_account_id = $1 AND object_type = $2`,
    [place.adAccountId, objectType],
  );
  if (!row) return { completedAtMs: null, bookmark: null, reading: false };
  return {
    completedAtMs: fromMsOrNull(row['completed_at']),
    bookmark: row['bookmark'] as string | null,
    reading: row['reading'] as boolean,
  };
};

/** A field of Pinterest's as the column takes it; what does not fit becomes absent. */
const fieldValue = ({ type }: Column, value: unknown): Value => {
  if (value === null || value === undefined) return null;
  if (type !== 'BIGINT') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /^-?\d{1,18}$/.test(String(value)) ? BigInt(String(value)) : null;
};

export const saveCataloguePage = (
  session: Session,
  place: DataflowAccount,
  objectType: ObjectType,
  items: readonly CatalogueItem[],
  loadedAtMs: number,
  state: CatalogueState | null,
): Promise<void> =>
  session.transaction(async () => {
    await session.lock(`${place.dataflow}/catalogue/${objectType}`);
    const { columns } = catalogueTable(objectType);
    const objects = session.table(place.dataflow, objectType);
    // The last of two items of one id on a page wins.
    const byId = new Map(items.map((item) => [item.id, item]));
    const seen = await session.all(
      `DELETE FROM ${objects} WHERE ad_account_id = $1 AND id IN (SELECT unnest(string_to_array($2, ',')))
       RETURNING id, ${epochMs('_first_seen_at')} AS at`,
      [place.adAccountId, [...byId.keys()].join(',')],
    );
    const firstSeen = new Map(seen.map((row) => [row['id'] as string, fromMs(row['at'])]));
    const rows = [...byId.values()].map((item) =>
      columns.map((column): Value => {
        if (column.name === 'ad_account_id') return place.adAccountId;
        if (column.name === '_loaded_at') return time(loadedAtMs);
        if (column.name === '_first_seen_at') return time(firstSeen.get(item.id) ?? loadedAtMs);
        return fieldValue(column, item[column.name]);
      }),
    );
    await insert(session, objects, columns, rows);
    if (!state) return;
    await session.run(
      `DELETE FROM ${session.table(place.dataflow, 'catalogue_reads')} WHERE ad_account_id = $1 AND object_type = $2`,
      [place.adAccountId, objectType],
    );
    await insert(session, session.table(place.dataflow, 'catalogue_reads'), CATALOGUE_READS.columns, [
      [place.adAccountId, objectType, state.bookmark, state.reading, timeOrNull(state.completedAtMs)],
    ]);
  });

export const objects = async (
  session: Session,
  place: DataflowAccount,
  objectType: ObjectType,
): Promise<CatalogueObject[]> => {
  const rows = await session.all(
    `SELECT id, name, ${epochMs('_first_seen_at')} AS first_seen FROM ${session.table(place.dataflow, objectType)} WHERE ad_account_id = $1`,
    [place.adAccountId],
  );
  return rows.map((row) => ({
    id: row['id'] as string,
    name: row['name'] as string | null,
    firstSeenMs: fromMs(row['first_seen']),
  }));
};

export const typesWithUnknownIds = async (
  session: Session,
  place: DataflowAccount,
): Promise<ObjectType[]> => {
  const found: ObjectType[] = [];
  for (const objectType of OBJECT_TYPES) {
    const id = quote(storeName(ID_COLUMN[objectType]));
    const row = await session.one(
      `SELECT 1 AS found FROM ${session.table(place.dataflow, ANALYTICS_TABLE[objectType])} rows
       JOIN ${session.table(place.dataflow, 'catalogue_reads')} catalogue
         ON catalogue.ad_account_id = rows.ad_account_id AND catalogue.object_type = $2
       WHERE rows.ad_account_id = $1 AND catalogue.completed_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM ${session.table(place.dataflow, objectType)} known
                         WHERE known.ad_account_id = rows.ad_account_id AND known.id = rows.${id})
       GROUP BY rows.${id}, catalogue.completed_at
       HAVING min(rows._loaded_at) > catalogue.completed_at
       LIMIT 1`,
      [place.adAccountId, objectType],
    );
    if (row) found.push(objectType);
  }
  return found;
};
