// Partitions: a dataflow's rows by table and calendar week, as targets are given them. Their content is compared in the database,
// by hashes; rows leave by files, never as JavaScript objects.
import { addDays, type DateOnly } from '../dataflow/dates.js';
import { LEVELS, tableOf, type Dataset } from '../dataflow/object-types.js';
import { literal, quote } from '../engine/sql-text.js';
import { schemaName, type DataflowAccount } from './dataflow-account.js';
import { epochDay, fromDay } from './sql/rows.js';
import type { Database, Row, Session } from './sql/session.js';
import type { Column } from './tables.js';

/** A table whose rows are delivered, with the columns that it has. */
export interface DeliveredTable {
  dataset: Dataset;
  table: string;
  /** In the table's order, `_loaded_at` left out: when rows were asked for is nobody's content. */
  columns: readonly Column[];
}

/** What the store holds of one table of an ad account in one calendar week. */
export interface PartitionContent {
  table: string;
  /** A Monday. */
  week: DateOnly;
  rows: number;
  /** Of all rows, in whatever order they are. Rows that are the same have another one in another kind of database. */
  hash: string;
}

/** By the names that DuckDB and PostgreSQL give them. */
const TYPES: Readonly<Record<string, Column['type']>> = {
  VARCHAR: 'TEXT',
  text: 'TEXT',
  DATE: 'DATE',
  date: 'DATE',
  SMALLINT: 'SMALLINT',
  smallint: 'SMALLINT',
  BIGINT: 'BIGINT',
  bigint: 'BIGINT',
  DOUBLE: 'DOUBLE PRECISION',
  'double precision': 'DOUBLE PRECISION',
};

/** All breakdowns of an object type are in one table. */
const TABLES = LEVELS.flatMap((objectType) => [
  { dataset: { objectType }, name: tableOf({ objectType }) },
  { dataset: { objectType }, name: tableOf({ objectType, breakdown: 'any' }) },
]);

/** The dataflow's tables of analytics with the columns that stand there; what others have added in other types is left out. */
const readTables = async (session: Session, dataflow: string): Promise<DeliveredTable[]> => {
  const rows = await session.all(
    `SELECT table_name, column_name, data_type FROM information_schema.columns
     WHERE table_catalog = current_database() AND table_schema = $1 ORDER BY table_name, ordinal_position`,
    [schemaName(dataflow)],
  );
  return TABLES.flatMap(({ dataset, name }) => {
    const columns = rows
      .filter((row) => row['table_name'] === name)
      .flatMap((row): Column[] => {
        const type = TYPES[String(row['data_type'])];
        return type ? [{ name: row['column_name'] as string, type }] : [];
      });
    return columns.length > 0 ? [{ dataset, table: name, columns }] : [];
  });
};

const inWeek = (monday: DateOnly): string =>
  `AND date BETWEEN DATE ${literal(monday)} AND DATE ${literal(addDays(monday, 6))}`;

/** The Monday of a row's week. */
const WEEK = "date_trunc('week', date)::DATE";

const readContents = async (
  session: Session,
  { dataflow, adAccountId }: DataflowAccount,
  { table, columns }: DeliveredTable,
  condition = '',
): Promise<PartitionContent[]> => {
  await session.makeRoomFor(columns.length);
  const rows = await session.all(
    `SELECT ${epochDay('week')} AS week, count(*)::BIGINT AS rows, ${session.hashOfAll('content')} AS hash
     FROM (SELECT ${WEEK} AS week, ${session.rowText(columns)} AS content
           FROM ${session.table(dataflow, table)} WHERE ad_account_id = $1 ${condition}) AS weeks
     GROUP BY week`,
    [adAccountId],
  );
  return rows.map((row) => ({
    table,
    week: fromDay(row['week']),
    rows: Number(row['rows']),
    hash: row['hash'] as string,
  }));
};

export class Partitions {
  constructor(private readonly database: Database) {}

  /** The tables of a dataflow that are delivered. */
  tables(dataflow: string): Promise<DeliveredTable[]> {
    return this.database.use((session) => readTables(session, dataflow));
  }

  /** What is held of every week of every table of an ad account; computed in the database. */
  contents(account: DataflowAccount): Promise<PartitionContent[]> {
    return this.database.use((session) =>
      session.snapshot(async () => {
        const contents: PartitionContent[] = [];
        for (const table of await readTables(session, account.dataflow))
          contents.push(...(await readContents(session, account, table)));
        return contents;
      }),
    );
  }

  /** The newest rows of a table: columns by their names, dates as text, absent values left out. A few, since each is an object. */
  newest(
    { dataflow, adAccountId }: DataflowAccount,
    { table, columns }: DeliveredTable,
    most: number,
  ): Promise<Row[]> {
    const selected = columns.map(({ name, type }) =>
      type === 'DATE' ? `${quote(name)}::TEXT AS ${quote(name)}` : quote(name),
    );
    return this.database.use(async (session) => {
      const rows = await session.all(
        `SELECT ${selected.join(', ')} FROM ${session.table(dataflow, table)} AS rows
         WHERE ad_account_id = $1 ORDER BY rows.date DESC LIMIT ${most}`,
        [adAccountId],
      );
      return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)));
    });
  }

  /**
   * Writes a partition's rows to a Parquet file: the table's columns, `_loaded_at` left out.
   * @returns what those rows are; null, and perhaps an empty file, if there are none
   */
  write(
    account: DataflowAccount,
    table: DeliveredTable,
    week: DateOnly,
    file: string,
  ): Promise<PartitionContent | null> {
    const { dataflow, adAccountId } = account;
    return this.database.use((session) =>
      session.snapshot(async () => {
        const [content] = await readContents(session, account, table, inWeek(week));
        if (!content) return null;
        const names = table.columns.map(({ name }) => quote(name)).join(', ');
        await session.writeParquet(
          `SELECT ${names} FROM ${session.table(dataflow, table.table)}
           WHERE ad_account_id = ${literal(adAccountId)} ${inWeek(week)}`,
          table.columns,
          file,
        );
        return content;
      }),
    );
  }
}
