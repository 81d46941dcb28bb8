// What a row looks like there: for each field its path, its type, and the SQL that makes its JSON out of the store's columns. The
// set-up takes the fields from it, the upload the SQL.
import { storeName } from '../../../dataflow/columns.js';
import { datasetKey, factsOf } from '../../../dataflow/object-types.js';
import { literal, quote } from '../../../engine/sql-text.js';
import type { TableOut } from '../../target.js';
import type { XdmField, XdmType } from '../xdm.js';

/** Of a class of Adobe's: every row has them, and no set-up has to make them. */
export const EVENT_FIELDS: ReadonlySet<string> = new Set(['_id', 'timestamp']);

export interface RowField extends XdmField {
  /** An expression that is the value's JSON as text, and NULL if there is none. */
  json: string;
  /** A condition that holds if there is none; left out: every row has one. */
  absent?: string;
}

export type Table = Pick<TableOut, 'dataset' | 'columns'>;

/** Of texts and numbers: the engine's own writing of a value is faster than its words for it. */
const valueJson = (value: string): string => `to_json(${value})::VARCHAR`;

/** Without `.0`, which the engine writes behind each DOUBLE: a Long takes nothing but digits. */
const wholeJson = (value: string): string =>
  `CASE WHEN ${value} = trunc(${value}) AND abs(${value}) <= ${Number.MAX_SAFE_INTEGER} THEN ${value}::BIGINT::VARCHAR ELSE ${valueJson(value)} END`;

/** Sums of micro-dollars are whole; costs per something have fractions. */
const isWhole = (name: string): boolean => name.endsWith('_in_micro_dollar') && !/^(e?cp|cost_)/.test(name);

export const typeOfColumn = ({ name, type }: TableOut['columns'][number]): XdmType => {
  if (type === 'TEXT') return 'string';
  if (type === 'DATE') return 'date';
  if (type === 'SMALLINT') return 'int';
  if (type === 'BIGINT') return 'long';
  return isWhole(name) ? 'long' : 'number';
};

const columnJson = (column: TableOut['columns'][number]): string => {
  const value = quote(column.name);
  const type = typeOfColumn(column);
  if (type === 'date') return `'"' || ${value} || '"'`;
  if (type === 'long') return wholeJson(value);
  return type === 'int' ? `${value}::VARCHAR` : valueJson(value);
};

const valueOf = (column: TableOut['columns'][number]): Pick<RowField, 'json' | 'absent'> => ({
  json: columnJson(column),
  // The first of a table's key, which is also the first of its columns.
  ...(column.name !== 'ad_account_id' && { absent: `${quote(column.name)} IS NULL` }),
});

const has = ({ columns }: Table, name: string): boolean => columns.some((column) => column.name === name);

/** `_id`: a hash of the row's key, so that a restated row has the one that it had. `timestamp`: its period's start. */
export const eventFields = (table: Table): RowField[] => {
  const own = storeName(factsOf(table.dataset.objectType).idColumn);
  const key = ['ad_account_id', own, 'targeting_type', 'targeting_value', 'date', 'hour'];
  const values = key.filter((name) => has(table, name)).map(quote);
  const hour = has(table, 'hour') ? "lpad(hour::VARCHAR, 2, '0')" : "'00'";
  return [
    {
      path: ['_id'],
      type: 'string',
      json: `'"' || md5(concat_ws('|', ${literal(datasetKey(table.dataset))}, ${values.join(', ')})) || '"'`,
    },
    { path: ['timestamp'], type: 'string', json: `'"' || date || 'T' || ${hour} || ':00:00Z"'` },
  ];
};

/** Every column of the store by its own name, under the tenant's namespace. */
export const columnFields = (table: Table, tenant: string): RowField[] =>
  table.columns.map((column) => ({
    path: [`_${tenant}`, column.name],
    type: typeOfColumn(column),
    title: column.name,
    ...valueOf(column),
  }));

/** For a mapping, which takes them as they are: every column by its own name. */
export const plainFields = (table: Table): RowField[] =>
  table.columns.map((column) => ({
    path: [column.name],
    type: typeOfColumn(column),
    ...valueOf(column),
  }));

const IDS: readonly [column: string, field: string][] = [
  ['ad_account_id', 'accountID'],
  ['campaign_id', 'campaignID'],
  ['ad_group_id', 'adGroupID'],
  ['ad_id', 'adID'],
];
/** The first of the columns that a row has a value of. */
const METRICS: readonly [columns: readonly string[], field: string, type: XdmType][] = [
  [['spend_in_micro_dollar'], 'spend', 'number'],
  [['total_impression', 'paid_impression'], 'impressions', 'long'],
  [['total_clickthrough'], 'clicks', 'long'],
  [['ectr'], 'ctr', 'number'],
  [['total_engagement'], 'engagements', 'long'],
  [['total_conversions'], 'conversions', 'number'],
  [['checkout_roas'], 'roas', 'number'],
  [['total_video_mrc_views'], 'videoViews', 'long'],
  [['total_video_p100_complete'], 'videoCompletions', 'long'],
];

/** Adobe's own `paidMedia`, as its connector of the second generation fills it. */
export const paidMediaFields = (table: Table): RowField[] => [
  { path: ['paidMedia', 'adNetwork'], type: 'string', json: `'"pinterest"'` },
  ...IDS.filter(([column]) => has(table, column)).map(([column, field]): RowField => ({
    path: ['paidMedia', field],
    type: 'string',
    json: valueJson(quote(column)),
    absent: `${quote(column)} IS NULL`,
  })),
  ...METRICS.flatMap(([columns, field, type]): RowField[] => {
    const there = columns.filter((name) => has(table, name)).map(quote);
    if (there.length === 0) return [];
    const value = there.length === 1 ? there[0]! : `coalesce(${there.join(', ')})`;
    const json =
      type === 'long' ? wholeJson(value) : valueJson(field === 'spend' ? `(${value} / 1000000)` : value);
    return [{ path: ['paidMedia', 'metrics', field], type, json, absent: `${value} IS NULL` }];
  }),
];
