// Small rows in and out of DuckDB: many rows by one statement, timestamps as epoch milliseconds.
import type { DuckDBValue } from '@duckdb/node-api';
import { quote, type Table } from '../tables.js';
import type { Session } from './file.js';

const ROWS_PER_STATEMENT = 200;

const parameter = (type: string, index: number): string => {
  if (type === 'TIMESTAMP') return `epoch_ms($${index}::BIGINT)`;
  return type === 'DATE' ? `$${index}::DATE` : `$${index}`;
};

/** Inserts `rows` (values in the order of the table's columns; timestamps epoch ms). */
export const insert = async (
  session: Session,
  table: string,
  columns: Table['columns'],
  rows: readonly DuckDBValue[][],
): Promise<void> => {
  const names = columns.map(({ name }) => quote(name)).join(', ');
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const slice = rows.slice(at, at + ROWS_PER_STATEMENT);
    const tuples = slice.map(
      (_, row) =>
        `(${columns.map(({ type }, i) => parameter(type, row * columns.length + i + 1)).join(', ')})`,
    );
    await session.run(`INSERT INTO ${table} (${names}) VALUES ${tuples.join(', ')}`, slice.flat());
  }
};

/** Epoch milliseconds as DuckDB takes them. */
export const ms = (value: number | null): DuckDBValue => (value === null ? null : BigInt(Math.trunc(value)));

/** Epoch milliseconds as DuckDB gives them. */
export const fromMs = (value: unknown): number => Number(value);
export const fromMsOrNull = (value: unknown): number | null => (value === null ? null : fromMs(value));
