// Coverage rows in and out of the store.
import type { Granularity } from '../../dataflow/chunk.js';
import type { CoverageRow } from '../../dataflow/coverage.js';
import { datasetKey, datasetOf, type Dataset, type ObjectType } from '../../dataflow/object-types.js';
import type { DataflowAccount } from '../dataflow-account.js';
import { COVERAGE } from '../tables.js';
import { epochDay, epochMs, fromDay, fromMs, fromMsOrNull, insert, time, timeOrNull } from './rows.js';
import type { Session, Value } from './session.js';

/** SQL for "this row is of the dataset", with the parameters that `ofDataset` gives. */
const OF_DATASET = 'ad_account_id = $1 AND object_type = $2 AND breakdown IS NOT DISTINCT FROM $3::TEXT';
const ofDataset = (adAccountId: string, { objectType, breakdown }: Dataset): Value[] => [
  adAccountId,
  objectType,
  breakdown ?? null,
];

export const readCoverage = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  dataset: Dataset,
): Promise<CoverageRow[]> => {
  const rows = await session.all(
    `SELECT scope, ${epochDay('"from"')} AS "from", ${epochDay('"to"')} AS "to", ${epochMs('asked_for')} AS asked_for,
            asked_after_days, columns, attribution, granularity, complete, ${epochMs('known_ids_at')} AS known_ids_at
     FROM ${session.table(dataflow, 'coverage')} WHERE ${OF_DATASET}`,
    ofDataset(adAccountId, dataset),
  );
  return rows.map((row) => ({
    scope: row['scope'] as string,
    from: fromDay(row['from']),
    to: fromDay(row['to']),
    askedForMs: fromMs(row['asked_for']),
    ...(row['asked_after_days'] !== null && { askedAfterDays: Number(row['asked_after_days']) }),
    columns: (row['columns'] as string).split(','),
    attribution: row['attribution'] as string,
    granularity: row['granularity'] as Granularity,
    complete: row['complete'] as boolean,
    knownIdsAtMs: fromMsOrNull(row['known_ids_at']),
  }));
};

/** The granularities of the cells that are held. */
export const granularities = async (session: Session, dataflow: string): Promise<string[]> => {
  const rows = await session.all(`SELECT DISTINCT granularity FROM ${session.table(dataflow, 'coverage')}`);
  return rows.map((row) => row['granularity'] as string);
};

/** What there is coverage of. */
export const readHeld = async (
  session: Session,
  dataflow: string,
): Promise<{ adAccountId: string; dataset: Dataset }[]> => {
  const rows = await session.all(
    `SELECT DISTINCT ad_account_id, object_type, breakdown FROM ${session.table(dataflow, 'coverage')} ORDER BY 1, 2, 3`,
  );
  return rows.map((row) => ({
    adAccountId: row['ad_account_id'] as string,
    dataset: datasetOf({
      objectType: row['object_type'] as ObjectType,
      breakdown: (row['breakdown'] as string | null) ?? undefined,
    }),
  }));
};

/** Cells of a dataset are written by one at a time: the name of the lock. */
export const cellsLock = ({ dataflow, adAccountId }: DataflowAccount, dataset: Dataset): string =>
  `${dataflow}/${adAccountId}/${datasetKey(dataset)}`;

/** Writes the difference between coverage before and after; rows that stay are the same objects in both. */
export const writeCoverage = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  dataset: Dataset,
  before: readonly CoverageRow[],
  after: readonly CoverageRow[],
): Promise<void> => {
  const touched = new Set<string>();
  const identity = (row: CoverageRow): string => JSON.stringify(row);
  const old = new Set(before.map(identity));
  const kept = new Set(after.map(identity));
  for (const row of before) if (!kept.has(identity(row))) touched.add(row.scope);
  for (const row of after) if (!old.has(identity(row))) touched.add(row.scope);
  await session.run(
    `DELETE FROM ${session.table(dataflow, 'coverage')} WHERE ${OF_DATASET}
     AND scope IN (SELECT unnest(string_to_array($4, ',')))`,
    [...ofDataset(adAccountId, dataset), [...touched].join(',')],
  );
  await insert(
    session,
    session.table(dataflow, 'coverage'),
    COVERAGE.columns,
    after
      .filter((row) => touched.has(row.scope))
      .map((row) => [
        adAccountId,
        dataset.objectType,
        dataset.breakdown ?? null,
        row.scope,
        row.from,
        row.to,
        time(row.askedForMs),
        row.columns.join(','),
        row.attribution,
        row.granularity,
        row.complete,
        timeOrNull(row.knownIdsAtMs),
        row.askedAfterDays === undefined ? null : BigInt(row.askedAfterDays),
      ]),
  );
};
