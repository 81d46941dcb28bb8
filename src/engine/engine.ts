// The private DuckDB in which answers are checked: in memory, small, with its spill files in the work folder.
import {
  BOOLEAN,
  DuckDBInstance,
  DuckDBScalarFunction,
  UINTEGER,
  type DuckDBConnection,
} from '@duckdb/node-api';
import { join } from 'node:path';
import { literal } from './sql-text.js';

/** Checking needs little at a time; what does not fit is spilled. Resident memory may exceed this by some 150 MB. */
const MEMORY_LIMIT = '256MB';

/**
 * Each thread of DuckDB has a few vectors and blocks of each column in hand. With 250 columns two threads need more than the
 * limit, however few rows there are; 600 in one thread need 320 MB. One thread is as quick: rows that wide come no sooner.
 */
const WIDE = { columns: 150, threads: '1', memoryLimit: '512MB' };

/** What gives a DuckDB room for rows of so many columns; nothing if it has it. */
export const roomFor = (columns: number): string =>
  columns > WIDE.columns ? `SET threads = ${WIDE.threads}; SET memory_limit = '${WIDE.memoryLimit}'` : '';

export class Engine {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  static async open(workFolder: string): Promise<Engine> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '2',
      memory_limit: MEMORY_LIMIT,
      temp_directory: join(workFolder, 'spill'),
      // Rows have no order worth keeping, and keeping it costs memory.
      preserve_insertion_order: 'false',
    });
    return new Engine(instance, await instance.connect());
  }

  /** Before rows of so many columns are read or written. */
  async makeRoomFor(columns: number): Promise<void> {
    const settings = roomFor(columns);
    if (settings) await this.run(settings);
  }

  async run(sql: string): Promise<void> {
    await this.connection.run(sql);
  }

  /** The one number that a query answers. */
  async number(sql: string): Promise<number> {
    const reader = await this.connection.runAndReadAll(sql);
    return Number(reader.getRows()[0]![0]);
  }

  /** A query's rows, as JSON can say them: dates as texts. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJson();
  }

  /** Gives SQL a function of one number that is always false, and tells us the number. */
  onCall(name: string, told: (number: number) => void): void {
    this.connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: [UINTEGER],
        returnType: BOOLEAN,
        // It does something: neither to be left out nor to be done in advance.
        volatile: true,
        mainFunction: (_info, input, output) => {
          const numbers = input.getColumnVector(0);
          for (let i = 0; i < input.rowCount; i++) {
            told(numbers.getItem(i) as number);
            output.setItem(i, false);
          }
          output.flush();
        },
      }),
    );
  }

  /** Writes a query's rows to a Parquet file and gives back their number. */
  async writeParquet(query: string, file: string): Promise<number> {
    // Read once, right after: compressing costs more than it saves. Small row groups keep both threads at work.
    const settings = 'FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 40960';
    return this.number(`COPY (${query}) TO ${literal(file)} (${settings})`);
  }

  /** A query's columns, their types as DuckDB names them. */
  async columns(query: string): Promise<{ name: string; type: string }[]> {
    const reader = await this.connection.runAndReadAll(`DESCRIBE ${query}`);
    return reader.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  }

  /** Writes a query's rows to a CSV file without a header: a NULL is nothing at all, an empty text is "". */
  async writeCsv(query: string, file: string): Promise<void> {
    await this.run(`COPY (${query}) TO ${literal(file)} (FORMAT csv, HEADER false)`);
  }

  /** Rows of such a CSV file, as what to write behind FROM; columns with DuckDB's types. */
  static readCsv(file: string, columns: readonly { name: string; type: string }[]): string {
    const types = columns.map(({ name, type }) => `${literal(name)}: ${literal(type)}`).join(', ');
    return `read_csv(${literal(file)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, columns = {${types}})`;
  }

  /** Appends rows of text to a table. */
  async append(
    table: string,
    rows: AsyncIterable<(string | null)[]> | Iterable<(string | null)[]>,
  ): Promise<void> {
    const appender = await this.connection.createAppender(table);
    try {
      for await (const row of rows) {
        for (const value of row) {
          if (value === null) appender.appendNull();
          else appender.appendVarchar(value);
        }
        appender.endRow();
      }
    } finally {
      appender.closeSync();
    }
  }

  /** Makes the running query fail soon. */
  interrupt(): void {
    this.connection.interrupt();
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}
