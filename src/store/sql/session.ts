// What the store's SQL asks of a database: statements, transactions, and the few things each database does its own way.
import { schemaName } from '../dataflow-account.js';
import type { Column, Table } from '../tables.js';
import { quote } from '../../engine/sql-text.js';

/** What a statement's parameters may be. Times go in as `time` gives them. */
export type Value = string | bigint | boolean | null;
export type Row = Record<string, unknown>;

/** A connection to the store, for one piece of work. */
export abstract class Session {
  /** The statement that begins a transaction. */
  protected abstract readonly begin: string;
  protected abstract readonly beginSnapshot: string;

  /** Runs a statement; answers with how many rows it inserted, updated or deleted. */
  abstract run(sql: string, values?: Value[]): Promise<number>;
  abstract all(sql: string, values?: Value[]): Promise<Row[]>;

  /** What stands in a dataflow's schema, by name; nothing if it is absent. */
  abstract contents(dataflow: string): Promise<string[]>;
  /** The columns, in their order, of those of these tables and views that are there. Asked several times a run, so it must be fast. */
  abstract columns(dataflow: string, names: readonly string[]): Promise<Map<string, string[]>>;
  /**
   * What is selected from a table; no rows if it is not there, or this program may not read it. Asked before each piece of work,
   * so it must be fast.
   */
  abstract selectIfThere(dataflow: string, name: string, what: string): Promise<Row[]>;
  /** Makes a dataflow's schema if it is absent. */
  abstract createSchema(dataflow: string): Promise<void>;
  /** Makes a table that is absent, with what the database needs to keep and find its rows. */
  abstract createTable(dataflow: string, table: Table): Promise<void>;

  /** Before rows of so many columns are read or written. */
  abstract makeRoomFor(columns: number): Promise<void>;
  /** Makes a table for the rest of the transaction, to be searched by its first column. */
  abstract createTemporary(name: string, columns: readonly Column[]): Promise<void>;

  /** From here to the transaction's end no other transaction holds a lock of this name. */
  abstract lock(name: string): Promise<void>;

  /**
   * Parquet files' rows, to be read within this transaction; answers with what to write behind FROM.
   * @param name for what is made on the way; one of its own for each call in a transaction
   */
  abstract staged(name: string, files: readonly [string, ...string[]]): Promise<string>;

  /**
   * A row's content as text, equal for equal rows alone. Columns without a value at the end leave no trace, so one that is
   * added to a table changes no content before it has values.
   */
  abstract rowText(columns: readonly Column[]): string;
  /** The sum of 64-bit hashes of a column of texts: equal for the same texts in whatever order, and in practice for these alone. */
  abstract hashOfAll(text: string): string;

  /** Writes a query's rows to a Parquet file; answers with how many there are. */
  abstract writeParquet(query: string, columns: readonly Column[], file: string): Promise<number>;

  /** A dataflow's schema, quoted. */
  schema(dataflow: string): string {
    return quote(schemaName(dataflow));
  }

  /** A table of a dataflow's schema, quoted. */
  table(dataflow: string, name: string): string {
    return `${this.schema(dataflow)}.${quote(name)}`;
  }

  /** A table as a view of the same schema names it. */
  nameInView(dataflow: string, name: string): string {
    return this.table(dataflow, name);
  }

  /** A table as a view of another schema names it. */
  nameElsewhere(dataflow: string, name: string): string {
    return this.table(dataflow, name);
  }

  /** A view's query as it is best kept. */
  viewQuery(query: string): string {
    return query;
  }

  async one(sql: string, values?: Value[]): Promise<Row | undefined> {
    return (await this.all(sql, values))[0];
  }

  /** All of `work` sees one state of the store. */
  snapshot<T>(work: () => Promise<T>): Promise<T> {
    return this.transaction(work, this.beginSnapshot);
  }

  /** All of `work` or nothing. */
  async transaction<T>(work: () => Promise<T>, begin = this.begin): Promise<T> {
    await this.run(begin);
    try {
      const result = await work();
      await this.run('COMMIT');
      return result;
    } catch (error) {
      // The first error is the one that says what went wrong; a failed statement may have ended the transaction.
      await this.run('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** What `information_schema.columns` answers with, as `Session.columns` does. */
export const byTable = (rows: readonly Row[]): Map<string, string[]> => {
  const held = new Map<string, string[]>();
  for (const row of rows) {
    const table = row['table_name'] as string;
    held.set(table, [...(held.get(table) ?? []), row['column_name'] as string]);
  }
  return held;
};

/** A session as a database: for work of several facets at one go. */
export const onSession = (session: Session): Database => ({
  use: (work) => work(session),
  alone: (_name, work) => work(),
  exists: () => true,
  giveBack: () => Promise.resolve(),
});

/** Where sessions come from. */
export interface Database {
  /**
   * Runs `work` with a session of its own. `work` may run more than once, so it does the same when repeated.
   * @param patienceMs how long to wait for a database that cannot be used now; the database's own if left out
   * @throws StoreUnavailable
   */
  use<T>(work: (session: Session) => Promise<T>, patienceMs?: number): Promise<T>;
  /**
   * Runs `work` while no other program on the store runs work under this name. It takes sessions of its own.
   * @throws StoreUnavailable
   */
  alone<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Lets other programs have at once what is kept for work to come. Said where a run ends: somebody may want to look. */
  giveBack(): Promise<void>;
  /** False while nothing has been written: the next `use` would make it. */
  exists(): boolean;
}
