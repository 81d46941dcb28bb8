// Every dataflow of a DuckDB file into PostgreSQL: rows, catalogue, coverage, claims and flow runs, all or nothing.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LEVELS } from '../dataflow/object-types.js';
import { literal } from '../engine/sql-text.js';
import type { DuckDBFile } from './duckdb/file.js';
import { columnOf } from './postgres/copy-parquet.js';
import type { PostgresPool } from './postgres/pool.js';
import { dataflows } from './holdings.js';
import { makeTables } from './sql/make-tables.js';
import { makeViews } from './sql/make-views.js';
import type { Session } from './sql/session.js';
import { schemaName } from './dataflow-account.js';
import { StoreUnavailable } from './store-unavailable.js';
import { analyticsTable, lastingTables, type Table } from './tables.js';
import { quote } from '../engine/sql-text.js';

/** A table that was moved. */
export interface MovedTable {
  schema: string;
  table: string;
  rows: number;
}

/** Large enough for both threads, small enough that few files of that size lie around. */
const FILE_SIZE = '64MB';

/** A dataflow's tables, with the columns that each has in the file. */
const tablesOf = async (source: Session, schema: string): Promise<Table[]> => {
  const analytics = LEVELS.flatMap((objectType) =>
    [{ objectType }, { objectType, breakdown: 'any' }].map((dataset) =>
      analyticsTable({ dataset, metrics: [], hourly: false }),
    ),
  );
  const known = [...lastingTables(), ...analytics];
  const rows = await source.all(
    `SELECT table_name, column_name, data_type FROM information_schema.columns
     WHERE table_catalog = current_database() AND table_schema = $1 ORDER BY table_name, ordinal_position`,
    [schema],
  );
  return known.flatMap((table) => {
    const held = rows.filter((row) => row['table_name'] === table.name);
    const columns = held.map((row) => {
      const name = row['column_name'] as string;
      const type = String(row['data_type']);
      const column = table.columns.find((known) => known.name === name) ?? columnOf(name, type);
      if (column) return column;
      throw new StoreUnavailable(
        `The column ${name} of ${schema}.${table.name} is ${type}, which is no type of this program's; drop it there first`,
        false,
      );
    });
    return columns.length > 0 ? [{ ...table, columns }] : [];
  });
};

const countOf = async (session: Session, schema: string, { name }: Table): Promise<number> => {
  const row = await session.one(`SELECT count(*)::BIGINT AS rows FROM ${session.table(schema, name)}`);
  return Number(row!['rows']);
};

/** @throws StoreUnavailable if a table holds rows */
const mustBeEmpty = async (target: Session, schema: string, tables: readonly Table[]): Promise<void> => {
  for (const table of tables) {
    const rows = await countOf(target, schema, table);
    if (rows === 0) continue;
    throw new StoreUnavailable(
      `The schema ${schema} of STORE_URL holds ${rows} rows in ${table.name} already: nothing is moved there. ` +
        `Name another database, or drop that schema there: DROP SCHEMA ${quote(schema)} CASCADE`,
      false,
    );
  }
};

/**
 * Moves a table's rows; answers with how many the target holds then.
 * @param stage a name of its own within the transaction
 */
const moveTable = async (
  source: Session,
  target: Session,
  { schema, table, folder, stage }: { schema: string; table: Table; folder: string; stage: string },
): Promise<number> => {
  const parts = join(folder, `${schema}.${table.name}`);
  await source.makeRoomFor(table.columns.length);
  const columns = table.columns.map(({ name }) => quote(name)).join(', ');
  // There from an attempt whose connection was lost.
  await rm(parts, { recursive: true, force: true });
  await source.run(
    `COPY (SELECT ${columns} FROM ${source.table(schema, table.name)}) TO ${literal(parts)}
     (FORMAT parquet, COMPRESSION uncompressed, FILE_SIZE_BYTES '${FILE_SIZE}')`,
  );
  const [first, ...others] = (await readdir(parts)).map((part) => join(parts, part));
  if (first === undefined) return 0;
  const staged = await target.staged(stage, [first, ...others]);
  await rm(parts, { recursive: true });
  return target.run(
    `INSERT INTO ${target.table(schema, table.name)} (${columns}) SELECT ${columns} FROM ${staged}`,
  );
};

/**
 * Moves all dataflows. The file is held meanwhile, and stays as it is.
 * @param folder for files on the way; exists, and holds nothing else
 * @throws StoreUnavailable if one of the stores cannot be used, or the target holds rows of one of the dataflows
 */
export const moveStore = (file: DuckDBFile, pool: PostgresPool, folder: string): Promise<MovedTable[]> =>
  file.use(async (source) => {
    const schemas = (await dataflows(source)).map(schemaName);
    const all = await Promise.all(
      schemas.map(async (schema) => ({ schema, tables: await tablesOf(source, schema) })),
    );
    for (const { schema, tables } of all) await pool.use((target) => makeTables(target, schema, tables));
    return pool.use((target) =>
      target.transaction(async () => {
        // It idles while a table is read from the file.
        await target.run('SET LOCAL idle_in_transaction_session_timeout = 0');
        for (const { schema, tables } of all) await mustBeEmpty(target, schema, tables);
        const moved: MovedTable[] = [];
        for (const { schema, tables } of all) {
          for (const table of tables) {
            const rows = await moveTable(source, target, {
              schema,
              table,
              folder,
              stage: `moved_${moved.length}`,
            });
            moved.push({ schema, table: table.name, rows });
          }
        }
        for (const { schema } of all) await makeViews(target, schema);
        return moved;
      }),
    );
  });
