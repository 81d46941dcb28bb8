// What a view is: named columns, each an expression, over something to select from.
import { quote } from '../../engine/sql-text.js';

export interface ViewColumn {
  name: string;
  /** SQL that DuckDB and PostgreSQL read alike. */
  sql: string;
}

export interface View {
  name: string;
  columns: readonly ViewColumn[];
  /** What stands behind FROM. */
  from: string;
}

/** What stands in a dataflow's schema. */
export interface Standing {
  /** The columns of each table and view, in their order. */
  columns: ReadonlyMap<string, readonly string[]>;
  /** A table of the schema, as a view's text names it. */
  table: (name: string) => string;
}

/** A column under a name of its own; its own one if no other is given. */
export const column = (name: string, sql = quote(name)): ViewColumn => ({ name, sql });

/** `r.date AS "date", …` */
export const selectList = (columns: readonly ViewColumn[]): string =>
  columns.map(({ name, sql }) => `${sql} AS ${quote(name)}`).join(', ');
