// Key figures by date, of the highest object type that a dataflow reads: one table, so that nothing is counted twice.
import type { DateOnly, DateRange } from '../../dataflow/dates.js';
import type { KeyFigure } from '../../dataflow/key-figures.js';
import { epochDay, fromDay } from '../sql/rows.js';
import { highest, type DatasetFreshness } from './freshness.js';
import {
  accountJoin,
  figuresIn,
  sumList,
  sumsOf,
  totalList,
  tableIn,
  textOrNull,
  type CurrencyAccounts,
  type DataflowSchema,
  type Sums,
} from './schema.js';

export interface CurrencyNumbers {
  /** Null for ad accounts that have not been read. */
  currency: string | null;
  accounts: number;
  /** Dates that have rows. */
  dates: { date: DateOnly; sums: Sums }[];
}

export interface Numbers {
  table: string;
  window: DateRange;
  figures: KeyFigure[];
  /** Those of most ad accounts first. */
  currencies: CurrencyNumbers[];
  currenciesLeftOut: number;
}

const MOST_CURRENCIES = 3;

/** From the first day of the first period to the last of the last, which may be to come. */
export const windowOf = ({ dates }: DatasetFreshness): DateRange => ({
  from: dates[0]!.period.from,
  to: dates.at(-1)!.period.to,
});

/** SQL that is true for rows `r` of a dataset's window. */
export const inWindow = ({ dates }: DatasetFreshness): string =>
  `r.date BETWEEN DATE '${dates[0]!.date}' AND DATE '${dates.at(-1)!.date}'`;

export const readNumbers = async (
  schema: DataflowSchema,
  freshness: readonly DatasetFreshness[],
  groups: readonly CurrencyAccounts[],
): Promise<Numbers | null> => {
  const dataset = highest(freshness);
  if (!dataset) return null;
  const figures = figuresIn(schema, dataset.table);
  if (figures.length === 0) return null;
  const currencies = groups.slice(0, MOST_CURRENCIES).map((one): CurrencyNumbers => ({ ...one, dates: [] }));
  const rows = await schema.session.all(
    `WITH r AS (
       SELECT r.ad_account_id, r.date, ${sumList(figures)} FROM ${tableIn(schema, dataset.table)} r
       WHERE ${inWindow(dataset)} GROUP BY r.ad_account_id, r.date
     )
     SELECT account.currency, ${epochDay('r.date')} AS day, ${totalList(figures)} FROM r ${accountJoin(schema)}
     GROUP BY account.currency, r.date ORDER BY r.date`,
  );
  for (const row of rows)
    currencies
      .find(({ currency }) => currency === textOrNull(row['currency']))
      ?.dates.push({ date: fromDay(row['day']), sums: sumsOf(row, figures) });
  return {
    table: dataset.table,
    window: windowOf(dataset),
    figures,
    currencies,
    currenciesLeftOut: groups.length - currencies.length,
  };
};
