// What the readings of a report have in common: the schema they read, and sums of key figures.
import { keyFiguresOf, type KeyFigure } from '../../dataflow/key-figures.js';
import { quote } from '../../engine/sql-text.js';
import type { Row, Session } from '../sql/session.js';
import { AD_ACCOUNTS, WANTED } from '../tables.js';

export interface DataflowSchema {
  session: Session;
  dataflow: string;
  /** The columns of each table and view. */
  columns: ReadonlyMap<string, readonly string[]>;
}

/** In units of the figure, in the figures' order; null if no row has a value. */
export type Sums = (number | null)[];

export const tableIn = ({ session, dataflow }: DataflowSchema, name: string): string =>
  session.table(dataflow, name);

export const figuresIn = ({ columns }: DataflowSchema, table: string): KeyFigure[] =>
  keyFiguresOf((columns.get(table) ?? []).map((name) => name.toUpperCase()));

/** `sum("spend_in_micro_dollar") / 1000000 AS f0, …` */
export const sumList = (figures: readonly KeyFigure[]): string =>
  figures.map(({ column, divisor }, i) => `sum(${quote(column)}) / ${divisor} AS f${i}`).join(', ');

/** The sums of sums that are there already. */
export const totalList = (figures: readonly KeyFigure[]): string =>
  figures.map((_, i) => `sum(f${i}) AS f${i}`).join(', ');

export const sumsOf = (row: Row, figures: readonly KeyFigure[]): Sums =>
  figures.map((_, i) => {
    const value = row[`f${i}`];
    return value === null || value === undefined ? null : Number(value);
  });

export const textOrNull = (value: unknown): string | null => (value === null ? null : String(value));

/** A join of `account` to rows of `r`, for the currency: money of two currencies is never added up. */
export const accountJoin = (schema: DataflowSchema): string =>
  `LEFT JOIN ${tableIn(schema, AD_ACCOUNTS.name)} account ON account.id = r.ad_account_id`;

/** How many ad accounts have a currency; null for those not read yet. */
export interface CurrencyAccounts {
  currency: string | null;
  accounts: number;
}

/** The currencies of the ad accounts whose numbers are wanted, that of most of them first; null for those not read yet. */
export const readCurrencies = async (schema: DataflowSchema): Promise<CurrencyAccounts[]> => {
  const rows = await schema.session.all(
    `SELECT account.currency, count(*) AS accounts
     FROM (SELECT DISTINCT ad_account_id FROM ${tableIn(schema, WANTED.name)}) r ${accountJoin(schema)}
     GROUP BY account.currency ORDER BY accounts DESC, account.currency`,
  );
  return rows.map((row) => ({ currency: textOrNull(row['currency']), accounts: Number(row['accounts']) }));
};
