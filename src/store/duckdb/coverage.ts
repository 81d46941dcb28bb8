// Coverage rows in and out of the store.
import type { ObjectType } from '../../dataflow/chunk.js';
import type { CoverageRow } from '../../dataflow/coverage.js';
import type { Place } from '../store.js';
import { COVERAGE } from '../tables.js';
import type { Session } from './file.js';
import { fromMs, fromMsOrNull, insert, ms } from './rows.js';

export const readCoverage = async (
  session: Session,
  place: Place,
  objectType: ObjectType,
): Promise<CoverageRow[]> => {
  const rows = await session.all(
    `SELECT scope, "from"::TEXT AS "from", "to"::TEXT AS "to", epoch_ms(asked_for) AS asked_for, columns, attribution,
            complete, epoch_ms(known_ids_at) AS known_ids_at
     FROM ${session.table(place.dataflow, 'coverage')} WHERE ad_account_id = $1 AND object_type = $2`,
    [place.adAccountId, objectType],
  );
  return rows.map((row) => ({
    scope: row['scope'] as string,
    from: row['from'] as string,
    to: row['to'] as string,
    askedForMs: fromMs(row['asked_for']),
    columns: (row['columns'] as string).split(','),
    attribution: row['attribution'] as string,
    complete: row['complete'] as boolean,
    knownIdsAtMs: fromMsOrNull(row['known_ids_at']),
  }));
};

/** Writes the difference between coverage before and after; rows that stay are the same objects in both. */
export const writeCoverage = async (
  session: Session,
  place: Place,
  objectType: ObjectType,
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
    `DELETE FROM ${session.table(place.dataflow, 'coverage')} WHERE ad_account_id = $1 AND object_type = $2
     AND scope IN (SELECT unnest(string_split($3, ',')))`,
    [place.adAccountId, objectType, [...touched].join(',')],
  );
  await insert(
    session,
    session.table(place.dataflow, 'coverage'),
    COVERAGE.columns,
    after
      .filter((row) => touched.has(row.scope))
      .map((row) => [
        place.adAccountId,
        objectType,
        row.scope,
        row.from,
        row.to,
        ms(row.askedForMs),
        row.columns.join(','),
        row.attribution,
        row.complete,
        ms(row.knownIdsAtMs),
      ]),
  );
};
