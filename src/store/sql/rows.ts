// Small rows in and out of the store, in SQL that DuckDB and PostgreSQL read alike, whatever their settings of time
// zone and date style: times and dates go in as ISO texts and come out as numbers.
import { dateOfDay, type DateOnly } from '../../dataflow/dates.js';
import type { Column } from '../tables.js';
import { quote } from '../../engine/sql-text.js';
import type { Session, Value } from './session.js';

/** No table has as many columns as would bring a statement near the 65,535 parameters that PostgreSQL takes. */
const ROWS_PER_STATEMENT = 200;

/** Inserts `rows` (values in the order of the columns) into a table that is named quoted. */
export const insert = async (
  session: Session,
  table: string,
  columns: readonly Column[],
  rows: readonly Value[][],
): Promise<void> => {
  const names = columns.map(({ name }) => quote(name)).join(', ');
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const slice = rows.slice(at, at + ROWS_PER_STATEMENT);
    const tuples = slice.map(
      (_, row) => `(${columns.map(({ type }, i) => `$${row * columns.length + i + 1}::${type}`).join(', ')})`,
    );
    await session.run(`INSERT INTO ${table} (${names}) VALUES ${tuples.join(', ')}`, slice.flat());
  }
};

/** Epoch milliseconds as the value of a TIMESTAMP in UTC. */
export const time = (epochMs: number): string => new Date(epochMs).toISOString().slice(0, -1);
export const timeOrNull = (epochMs: number | null): string | null =>
  epochMs === null ? null : time(epochMs);

/** SQL that reads a TIMESTAMP for `fromMs`. */
export const epochMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::BIGINT`;
/** Epoch milliseconds, of a column read by `epochMs`. */
export const fromMs = (value: unknown): number => Number(value);
export const fromMsOrNull = (value: unknown): number | null => (value === null ? null : fromMs(value));

/** SQL that reads a DATE for `fromDay`. */
export const epochDay = (column: string): string => `(${column} - DATE '1970-01-01')`;
/** A date, of a column read by `epochDay`. */
export const fromDay = (value: unknown): DateOnly => dateOfDay(Number(value));
export const fromDayOrNull = (value: unknown): DateOnly | null => (value === null ? null : fromDay(value));
