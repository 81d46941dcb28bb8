// SQL on a connection to PostgreSQL. What is written there depends on no setting of time zone, date style or locale.
import type { PoolClient } from 'pg';
import { byTable, Session, type Row, type Value } from '../sql/session.js';
import { schemaName } from '../dataflow-account.js';
import { columnDefinitions, type Column, type Table } from '../tables.js';
import { quote } from '../../engine/sql-text.js';
import { copyParquet, copyToParquet } from './copy-parquet.js';

/** PostgreSQL keeps no NUL in a text: the sign for what cannot be shown takes its place. */
const storable = (value: Value): Value =>
  typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;

export class PostgresSession extends Session {
  /**
   * Each statement sees what is committed by then, whatever the server's default: what is read behind a lock must not
   * be older than the lock. A worker that vanished lets go of its locks after two minutes.
   */
  protected readonly begin =
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL idle_in_transaction_session_timeout = '2min'";

  /** Numbers and dates leave as texts: in the shortest form that reads back as the same, whatever the server's settings. */
  protected readonly beginSnapshot =
    'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL extra_float_digits = 1; SET LOCAL datestyle = ISO';

  constructor(private readonly client: PoolClient) {
    super();
  }

  async run(sql: string, values?: Value[]): Promise<number> {
    return (await this.client.query(sql, values?.map(storable))).rowCount ?? 0;
  }

  async all(sql: string, values?: Value[]): Promise<Row[]> {
    return (await this.client.query<Row>(sql, values?.map(storable))).rows;
  }

  /** Also what this role may not look into: tables, views, sequences, functions. */
  async contents(dataflow: string): Promise<string[]> {
    const rows = await this.all(
      `SELECT name FROM (
         SELECT relname::TEXT AS name, relnamespace AS schema FROM pg_catalog.pg_class WHERE relkind NOT IN ('i', 'I')
         UNION SELECT proname::TEXT, pronamespace FROM pg_catalog.pg_proc
       ) held WHERE schema = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1) ORDER BY 1`,
      [schemaName(dataflow)],
    );
    return rows.map((row) => row['name'] as string);
  }

  async columns(dataflow: string, names: readonly string[]): Promise<Map<string, string[]>> {
    const rows = await this.all(
      `SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns
       WHERE table_catalog = current_database() AND table_schema = $1 AND table_name = ANY (string_to_array($2, ','))
       ORDER BY table_name, ordinal_position`,
      [schemaName(dataflow), names.join(',')],
    );
    return byTable(rows);
  }

  async selectIfThere(dataflow: string, name: string, what: string): Promise<Row[]> {
    const found = await this.one(
      'SELECT 1 AS found FROM information_schema.tables WHERE table_catalog = current_database() AND table_schema = $1 AND table_name = $2',
      [schemaName(dataflow), name],
    );
    return found ? this.all(`SELECT ${what} FROM ${this.table(dataflow, name)}`) : [];
  }

  /** Only if it is absent: a role that was given a schema of its own may not make one. */
  async createSchema(dataflow: string): Promise<void> {
    const found = await this.one('SELECT 1 AS found FROM pg_catalog.pg_namespace WHERE nspname = $1', [
      schemaName(dataflow),
    ]);
    if (!found) await this.run(`CREATE SCHEMA ${this.schema(dataflow)}`);
  }

  async createTable(dataflow: string, { name, columns, lookup }: Table): Promise<void> {
    const keys = columns.filter(({ key }) => key).map((column) => quote(column.name));
    const primaryKey = keys.length > 0 ? `, PRIMARY KEY (${keys.join(', ')})` : '';
    const table = this.table(dataflow, name);
    await this.run(`CREATE TABLE ${table} (${columnDefinitions(columns)}${primaryKey})`);
    if (lookup) await this.run(`CREATE INDEX ON ${table} (${lookup.map(quote).join(', ')})`);
  }

  /** A server has its own. */
  async makeRoomFor(): Promise<void> {}

  async createTemporary(name: string, columns: readonly Column[]): Promise<void> {
    await this.run(`CREATE TEMP TABLE ${name} (${columnDefinitions(columns)}) ON COMMIT DROP`);
    await this.run(`CREATE INDEX ON ${name} (${quote(columns[0]!.name)})`);
  }

  async lock(name: string): Promise<void> {
    await this.run('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`pinterest-ads/${name}`]);
  }

  /** A row as PostgreSQL writes it, `(1,"a b",,2.5)`: nothing of it is ambiguous. */
  rowText(columns: readonly Column[]): string {
    return `rtrim(ROW(${columns.map(({ name }) => quote(name)).join(', ')})::TEXT, ',)')`;
  }

  hashOfAll(text: string): string {
    return `sum(('x' || left(md5(${text}), 16))::BIT(64)::BIGINT)::TEXT`;
  }

  writeParquet(query: string, columns: readonly Column[], file: string): Promise<number> {
    return copyToParquet(this.client, query, columns, file);
  }

  async staged(name: string, files: readonly [string, ...string[]]): Promise<string> {
    await copyParquet(this.client, name, files);
    return name;
  }
}
