// Changes to a dataflow's schema that are more than an added column: numbered steps, each run once, under a lock.
import { makeTables, refuseForeign } from './sql/make-tables.js';
import { makeViews } from './sql/make-views.js';
import { insert, time } from './sql/rows.js';
import type { Session } from './sql/session.js';
import { schemaName } from './dataflow-account.js';
import { StoreUnavailable } from './store-unavailable.js';
import { lastingTables, MARKS, SCHEMA_VERSION } from './tables.js';

/**
 * Brings the tables of a schema from one version to the next, in SQL that DuckDB and PostgreSQL read alike. By then they
 * have all columns of this version (`makeTables`). On empty tables a step does nothing, so new schemas take them all.
 */
type Step = (session: Session, dataflow: string) => Promise<unknown>;

/** The schema of the first release has no number: it counts as 1. The first step here leads to version 2. */
const STEPS: readonly Step[] = [
  // The granularity stood at the end of `attribution`: 30/30/1/TIME_OF_AD_ACTION/DAY.
  (session, dataflow) =>
    session.run(
      `UPDATE ${session.table(dataflow, 'coverage')}
       SET granularity = split_part(attribution, '/', 5), attribution = regexp_replace(attribution, '/[A-Z]+$', '')
       WHERE granularity IS NULL`,
    ),
  // The table `refusals` is new: a run that an earlier version prepared finds it made.
  () => Promise.resolve(),
  // Views of what stands there, and the table `wanted`.
  (session, dataflow) => makeViews(session, dataflow),
  // The table `reconciliations` is new.
  () => Promise.resolve(),
  // The table `report_times` is new.
  () => Promise.resolve(),
  // Coverage has `asked_after_days`, which the view `freshness` asks for, and which a worker of before knows nothing of.
  (session, dataflow) => makeViews(session, dataflow),
];

const FIRST_VERSION = 1;
export const NEWEST_VERSION = FIRST_VERSION + STEPS.length;

/** The version of a schema that is there; undefined if nothing says. */
const versionOf = async (session: Session, dataflow: string): Promise<number | undefined> => {
  const [row] = await session.selectIfThere(dataflow, SCHEMA_VERSION.name, 'max(version) AS version');
  const version = row?.['version'] ?? undefined;
  return version === undefined ? undefined : Number(version);
};

/** @throws StoreUnavailable if the schema is newer than this program */
const refuseNewer = (dataflow: string, version: number): void => {
  if (version <= NEWEST_VERSION) return;
  throw new StoreUnavailable(
    `The schema ${schemaName(dataflow)} of the store has version ${version}, and this worker knows versions up to ` +
      `${NEWEST_VERSION}: a newer worker has brought it up to date. Upgrade this worker.`,
    false,
  );
};

/** Makes what a dataflow's schema lacks and runs the steps that it has not seen. Safe to repeat, and side by side. */
export const bringUpToDate = async (session: Session, dataflow: string): Promise<void> => {
  await refuseForeign(session, dataflow, await session.columns(dataflow, MARKS));
  const before = await versionOf(session, dataflow);
  if (before !== undefined) refuseNewer(dataflow, before);
  await makeTables(session, dataflow, lastingTables());
  if (before === NEWEST_VERSION) return;
  // A transaction of its own: DuckDB updates no table that the same transaction has altered.
  await session.transaction(async () => {
    await session.lock(`${dataflow}/tables`);
    const version = (await versionOf(session, dataflow)) ?? FIRST_VERSION;
    if (version >= NEWEST_VERSION) return;
    for (const step of STEPS.slice(version - FIRST_VERSION)) await step(session, dataflow);
    const table = session.table(dataflow, SCHEMA_VERSION.name);
    await session.run(`DELETE FROM ${table}`);
    await insert(session, table, SCHEMA_VERSION.columns, [[BigInt(NEWEST_VERSION), time(Date.now())]]);
  });
};

/** For work on a schema that may be of another version: a run lasts while workers are upgraded. */
export const keepUpToDate = async (session: Session, dataflow: string): Promise<void> => {
  const version = await versionOf(session, dataflow);
  if (version !== undefined) refuseNewer(dataflow, version);
  if (version !== NEWEST_VERSION) await bringUpToDate(session, dataflow);
};

/**
 * For those who only look.
 * @throws StoreUnavailable if the schema has another version
 */
export const mustBeUpToDate = async (session: Session, dataflow: string): Promise<void> => {
  const version = (await versionOf(session, dataflow)) ?? FIRST_VERSION;
  refuseNewer(dataflow, version);
  if (version === NEWEST_VERSION) return;
  throw new StoreUnavailable(
    `The schema ${schemaName(dataflow)} of the store was written by an earlier version; its next run brings it up to date`,
    true,
  );
};
