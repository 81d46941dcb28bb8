// The store's analytics table and the simulator's own generator, brought to one form to be compared cell by cell.
import type { RowGenerator } from '../../simulator/generator.js';
import { breakDown } from '../../simulator/endpoints/targeting.js';
import { factsOf, tableOf, type ObjectType } from '../../src/dataflow/object-types.js';
import { DEFAULT_COLUMNS } from '../../src/dataflow/columns.js';
import { query } from './store-reader.js';

export interface Question {
  accountId: string;
  objectType: ObjectType;
  from: string;
  to: string;
  columns?: readonly string[];
  granularity?: 'TOTAL' | 'DAY' | 'HOUR' | 'WEEK' | 'MONTH';
  ids?: ReadonlySet<string>;
  now?: number;
}

const ID = {
  ad_accounts: 'ad_account_id',
  campaigns: 'campaign_id',
  ad_groups: 'ad_group_id',
  ads: 'ad_id',
} as const;

/** `id|date|hour|parents|value|value|…`, one line a row, sorted. */
export const trueLines = (generator: RowGenerator, question: Question): string[] => {
  const { columns = DEFAULT_COLUMNS, granularity = 'DAY', now = Date.now() } = question;
  return generator
    .rows({ ...question, columns: [...columns], granularity, now })
    .map((row) =>
      [
        row.id,
        row.date ?? question.to,
        row.hour ?? '',
        question.objectType === 'campaigns' ? '' : (row.campaignId ?? ''),
        question.objectType === 'ads' ? (row.adGroupId ?? '') : '',
        ...columns.map((column) => row.values[column] ?? ''),
      ].join('|'),
    )
    .sort();
};

/** @param store as `query` takes it */
export const storedLines = async (store: string, schema: string, question: Question): Promise<string[]> => {
  const { objectType, columns = DEFAULT_COLUMNS, granularity, accountId } = question;
  const fields = [
    ID[objectType],
    'date::TEXT',
    granularity === 'HOUR' ? 'hour' : `''`,
    objectType === 'ad_groups' || objectType === 'ads' ? 'campaign_id' : `''`,
    objectType === 'ads' ? 'ad_group_id' : `''`,
    ...columns.map((column) => `"${column.toLowerCase()}"`),
  ];
  const rows = await query(
    store,
    `SELECT ${fields.map((field, i) => `${field} AS f${i}`).join(', ')}
     FROM ${schema}.${factsOf(objectType).analyticsTable}
     WHERE ad_account_id = '${accountId}' AND date BETWEEN '${question.from}' AND '${question.to}'`,
  );
  return rows.map((row) => fields.map((_, i) => String(row[`f${i}`] ?? '')).join('|')).sort();
};

/** `id|date|value of the breakdown|value|value|…`, one line a row, sorted. */
export const trueLinesBy = (generator: RowGenerator, breakdown: string, question: Question): string[] => {
  const { columns = DEFAULT_COLUMNS, granularity = 'DAY', now = Date.now() } = question;
  return breakDown(generator, { ...question, columns, granularity, now }, breakdown)
    .map(({ id, date, targeting_value, values }) =>
      [id, date, targeting_value, ...columns.map((column) => values[column] ?? '')].join('|'),
    )
    .sort();
};

/** @param store as `query` takes it */
export const storedLinesBy = async (
  store: string,
  schema: string,
  breakdown: string,
  question: Question,
): Promise<string[]> => {
  const { objectType, columns = DEFAULT_COLUMNS, accountId, from, to } = question;
  const fields = [
    ID[objectType],
    'date::TEXT',
    'targeting_value',
    ...columns.map((column) => `"${column.toLowerCase()}"`),
  ];
  const rows = await query(
    store,
    `SELECT ${fields.map((field, i) => `${field} AS f${i}`).join(', ')} FROM ${schema}.${tableOf({ objectType, breakdown })}
     WHERE ad_account_id = '${accountId}' AND targeting_type = '${breakdown}' AND date BETWEEN '${from}' AND '${to}'`,
  );
  return rows.map((row) => fields.map((_, i) => String(row[`f${i}`] ?? '')).join('|')).sort();
};
