// SQL on an open DuckDB file.
import type { DuckDBConnection } from '@duckdb/node-api';
import { roomFor } from '../../engine/engine.js';
import { literal } from '../../engine/sql-text.js';
import { schemaName } from '../dataflow-account.js';
import { byTable, Session, type Row, type Value } from '../sql/session.js';
import { columnDefinitions, type Column, type Table } from '../tables.js';
import { quote } from '../../engine/sql-text.js';

/** Whether it is this table or view itself, or its schema, that is not there. */
const isAbsent = ({ message }: Error, name: string): boolean =>
  [`Table with name ${name} does not exist`, `.${name}" does not exist because schema`].some((words) =>
    message.includes(words),
  );

export class DuckDBSession extends Session {
  protected readonly begin = 'BEGIN';
  protected readonly beginSnapshot = 'BEGIN';

  constructor(
    private readonly connection: DuckDBConnection,
    /** The database's own name, after its file: a schema of the same name would be ambiguous without it. */
    private readonly catalog: string,
  ) {
    super();
  }

  override schema(dataflow: string): string {
    return `${quote(this.catalog)}.${super.schema(dataflow)}`;
  }

  /** Without its schema: a view looks in its own first, also when the file is attached under another name. */
  override nameInView(_dataflow: string, name: string): string {
    return quote(name);
  }

  /** Without the database's name, if that is not needed: the file may be attached under another one. */
  override nameElsewhere(dataflow: string, name: string): string {
    return schemaName(dataflow) === this.catalog
      ? this.table(dataflow, name)
      : `${super.schema(dataflow)}.${quote(name)}`;
  }

  /** Without values a statement is run at once; with some, even none, it is prepared first, in two more steps. */
  async run(sql: string, values?: Value[]): Promise<number> {
    return (await this.connection.run(sql, values)).rowsChanged;
  }

  async all(sql: string, values?: Value[]): Promise<Row[]> {
    return (await this.connection.runAndReadAll(sql, values)).getRowObjectsJS();
  }

  async contents(dataflow: string): Promise<string[]> {
    const rows = await this.all(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_catalog = $1 AND table_schema = $2 ORDER BY 1',
      [this.catalog, schemaName(dataflow)],
    );
    return rows.map((row) => row['name'] as string);
  }

  /** By trying, as below: to list columns takes DuckDB 90 ms where 200 dataflows live in one file. */
  async columns(dataflow: string, names: readonly string[]): Promise<Map<string, string[]>> {
    const held = new Map<string, string[]>();
    const broken: string[] = [];
    for (const name of names)
      try {
        const reader = await this.connection.runAndReadAll(
          `SELECT * FROM ${this.table(dataflow, name)} LIMIT 0`,
        );
        held.set(name, reader.columnNames());
      } catch (error) {
        if (!isAbsent(error as Error, name)) broken.push(name);
      }
    if (broken.length === 0) return held;
    // A view whose tables have changed under it.
    const rows = await this.all(
      `SELECT table_name, column_name FROM information_schema.columns
       WHERE table_catalog = $1 AND table_schema = $2 AND list_contains(string_split($3, ','), table_name)
       ORDER BY table_name, ordinal_position`,
      [this.catalog, schemaName(dataflow), broken.join(',')],
    );
    return new Map([...held, ...byTable(rows)]);
  }

  /** As text: DuckDB keeps the parts of all views of a file in memory, which took 40 MB where 200 dataflows live in it. */
  override viewQuery(query: string): string {
    return `FROM query(${literal(query)})`;
  }

  /** By trying: to list tables takes DuckDB as long as there are tables, 18 ms where 75 dataflows live in one file. */
  async selectIfThere(dataflow: string, name: string, what: string): Promise<Row[]> {
    try {
      return await this.all(`SELECT ${what} FROM ${this.table(dataflow, name)}`);
    } catch (error) {
      if (isAbsent(error as Error, name)) return [];
      throw error;
    }
  }

  async createSchema(dataflow: string): Promise<void> {
    await this.run(`CREATE SCHEMA IF NOT EXISTS ${this.schema(dataflow)}`);
  }

  /**
   * No primary keys here: DuckDB's index refuses a key that is deleted and inserted again in one transaction, and the
   * statements that write keep rows single by themselves.
   */
  async createTable(dataflow: string, { name, columns }: Table): Promise<void> {
    await this.run(`CREATE TABLE ${this.table(dataflow, name)} (${columnDefinitions(columns)})`);
  }

  async makeRoomFor(columns: number): Promise<void> {
    const settings = roomFor(columns);
    if (settings) await this.run(settings);
  }

  /** Temporary tables go with the connection, which is closed after each piece of work. */
  async createTemporary(name: string, columns: readonly Column[]): Promise<void> {
    await this.run(`CREATE TEMP TABLE ${name} (${columnDefinitions(columns)})`);
  }

  /** The file is this process's alone while it is open, and its pieces of work take turns. */
  async lock(): Promise<void> {}

  /** Of JSON's writing of a row nothing is ambiguous. `rtrim` alone, where there is nothing to trim, would double the cost. */
  rowText(columns: readonly Column[]): string {
    const json = `json_array(${columns.map(({ name }) => quote(name)).join(', ')})::VARCHAR`;
    return `CASE WHEN ends_with(${json}, 'null]') THEN rtrim(${json}, ',nul]') || ']' ELSE ${json} END`;
  }

  hashOfAll(text: string): string {
    return `sum(md5_number_lower(${text}))::VARCHAR`;
  }

  async writeParquet(query: string, _columns: readonly Column[], file: string): Promise<number> {
    // Read once, right after: compressing costs more than it saves.
    const reader = await this.connection.runAndReadAll(
      `COPY (${query}) TO ${literal(file)} (FORMAT parquet, COMPRESSION uncompressed)`,
    );
    return Number(reader.getRows()[0]![0]);
  }

  staged(_name: string, files: readonly string[]): Promise<string> {
    return Promise.resolve(`read_parquet([${files.map(literal).join(', ')}])`);
  }
}
