// The views `campaign_daily` and the like: numbers with names, money in units of the account's currency, and rates as quotients
// of columns that add up, so that a person who sums and divides gets what Ads Manager shows.
import { isKnownColumn, storeName, whyNotAdded } from '../../dataflow/columns.js';
import { factsOf, isListed, type ObjectType } from '../../dataflow/object-types.js';
import { quote } from '../../engine/sql-text.js';
import { accountOf, nameColumn, parentsOf } from './details.js';
import { column, type Standing, type View, type ViewColumn } from './view.js';

/** A rate: the quotient of two columns, times a factor. Money is in micro-units of the currency. */
interface Rate {
  name: string;
  of: string;
  per: string;
  factor?: string;
}

const MONEY = ' / 1e6';
const MONEY_PER_THOUSAND = ' / 1e3';

/** Under the names that Pinterest gives them. An E in front: with what people earned by passing pins on. */
const RATES: readonly Rate[] = [
  { name: 'ctr', of: 'clickthrough_1', per: 'impression_1' },
  { name: 'ectr', of: 'total_clickthrough', per: 'total_impression' },
  { name: 'cpc', of: 'spend_in_micro_dollar', per: 'clickthrough_1', factor: MONEY },
  { name: 'ecpc', of: 'spend_in_micro_dollar', per: 'total_clickthrough', factor: MONEY },
  { name: 'cpm', of: 'spend_in_micro_dollar', per: 'impression_1', factor: MONEY_PER_THOUSAND },
  { name: 'ecpm', of: 'spend_in_micro_dollar', per: 'total_impression', factor: MONEY_PER_THOUSAND },
  { name: 'engagement_rate', of: 'engagement_1', per: 'impression_1' },
  { name: 'eengagement_rate', of: 'total_engagement', per: 'total_impression' },
  { name: 'checkout_roas', of: 'total_checkout_value_in_micro_dollar', per: 'spend_in_micro_dollar' },
];

/** `spend_in_micro_dollar` → `spend`. */
const readableName = (name: string): string => name.replace(/_in_(micro_)?dollar$/, '');

const scale = (name: string): string => (name.endsWith('_in_micro_dollar') ? MONEY : '');

/** Counts first, then money, then what does not add up: rates, averages, texts. */
const place = (name: string): number => {
  if (whyNotAdded(name.toUpperCase()) !== null) return 2;
  return readableName(name) === name ? 0 : 1;
};

/** Columns of one name appear once: the first. */
const single = (columns: readonly ViewColumn[]): ViewColumn[] =>
  columns.filter(({ name }, at) => columns.findIndex((other) => other.name === name) === at);

/**
 * @param table the one of the numbers, with a row for each object and period
 */
export const dailyView = (objectType: ObjectType, table: string, standing: Standing): View => {
  const held = standing.columns.get(table)!;
  const { idColumn } = factsOf(objectType);
  const own = storeName(idColumn);
  const hourly = held.includes('hour');
  const account = accountOf(standing);
  const parents = parentsOf(objectType, standing);
  const itself = isListed(objectType)
    ? [
        column(own, `r.${own}`),
        column(nameColumn(idColumn), 'object.name'),
        column('status', 'object.status'),
      ]
    : [];
  const keys = [
    ...account.columns,
    ...parents.columns,
    ...itself,
    ...['targeting_type', 'targeting_value']
      .filter((name) => held.includes(name))
      .map((name) => column(name, `r.${name}`)),
    column('date', 'r.date'),
  ];
  const metrics = held.filter((name) => isKnownColumn(name.toUpperCase()));
  const added = metrics.filter((name) => whyNotAdded(name.toUpperCase()) === null);
  const value = (name: string): string => (hourly ? `sum(r.${quote(name)})` : `r.${quote(name)}`);
  const rates = RATES.filter(({ of, per }) => added.includes(of) && added.includes(per));
  // What does not add up has no value for a day of hours.
  const shown = (hourly ? added : metrics).toSorted((one, other) => place(one) - place(other));
  // In the place of the rates that Pinterest gives under these names.
  const computed = rates.map(({ name, of, per, factor = '' }) =>
    column(name, `${value(of)}${factor} / nullif(${value(per)}, 0)`),
  );
  const given = shown
    .map((name) => column(readableName(name), `${value(name)}${scale(name)}`))
    .filter(({ name }) => !computed.some((rate) => rate.name === name));
  const object = isListed(objectType)
    ? ` LEFT JOIN ${standing.table(objectType)} object ON object.ad_account_id = r.ad_account_id AND object.id = r.${own}`
    : '';
  const grouped = hourly ? ` GROUP BY ${keys.map(({ sql }) => sql).join(', ')}` : '';
  return {
    name: table.replace(/_analytics$/, '_daily'),
    columns: single([...keys, ...given, ...computed]),
    from: `${standing.table(table)} r${account.joins}${parents.joins}${object}${grouped}`,
  };
};
