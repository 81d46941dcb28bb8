// What the connector knows of a reporting column: its kind, which methods can read it, its name in the store.
import { ANALYTICS_COLUMNS, REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import type { Method } from './chunk.js';
import { factsOf, type Dataset, type ObjectType } from './object-types.js';

/** `number` becomes DOUBLE in the store, `text` VARCHAR. */
export type ColumnKind = 'number' | 'text';

const readable: Readonly<Record<Method, ReadonlySet<string>>> = {
  analytics: new Set(ANALYTICS_COLUMNS),
  report: new Set(REPORT_COLUMNS),
};
const known = new Set([...ANALYTICS_COLUMNS, ...REPORT_COLUMNS]);

export const ALL_COLUMNS: readonly string[] = [...known];

export const isKnownColumn = (name: string): boolean => known.has(name);

/** True if `method` can read every one of `columns`. */
export const methodReads = (method: Method, columns: readonly string[]): boolean =>
  columns.every((column) => readable[method].has(column));

/** The methods that can read a dataset: no report breaks numbers down. */
export const methodsOf = ({ breakdown }: Dataset): readonly Method[] =>
  breakdown === undefined ? ['analytics', 'report'] : ['analytics'];

const TEXT_ENDINGS = /(_NAME|_STATUS|_ID|_LABELS?|_TYPE|_TAG|_URL|_OPTIMIZATION)$/;
const TEXT_BEGINNINGS = /^(IS_|PRODUCT_ITEM_)/;

/** Names, states and ids are text; everything else Pinterest reports is a number. */
export const columnKind = (name: string): ColumnKind =>
  TEXT_ENDINGS.test(name) || TEXT_BEGINNINGS.test(name) ? 'text' : 'number';

/** Numbers that do not add up over days, by the words in their names, and why. Every other number does. */
const NOT_ADDED: readonly (readonly [names: RegExp, why: string])[] = [
  [/(^|_)E?CTR(_\d)?$|RATE$|ROAS$/, 'is a rate'],
  [/^E?CP[A-Z]+_|COST_PER_/, 'is a cost per event'],
  [/AVG|AVERAGE|FREQUENCY/, 'is an average'],
  [/_USER$|UNIQUE/, 'counts people, who may come on several days'],
  [/BUDGET|BID_MULTIPLIER|SPEND_CAP|VIDEO_LENGTH/, 'is a setting'],
];

/** Why a column's values of several days do not add up to that of all of them; null if they do. */
export const whyNotAdded = (column: string): string | null => {
  if (columnKind(column) === 'text') return 'is no number';
  return NOT_ADDED.find(([names]) => names.test(column))?.[1] ?? null;
};

/** `SPEND_IN_MICRO_DOLLAR` → `spend_in_micro_dollar`. */
export const storeName = (column: string): string => column.toLowerCase();

/** The default set: spend, paid and earned delivery, engagement, conversions and video; every method reads it. */
export const DEFAULT_COLUMNS: readonly string[] = [
  'SPEND_IN_MICRO_DOLLAR',
  'PAID_IMPRESSION',
  'IMPRESSION_1',
  'IMPRESSION_2',
  'TOTAL_IMPRESSION',
  'CLICKTHROUGH_1',
  'CLICKTHROUGH_2',
  'TOTAL_CLICKTHROUGH',
  'OUTBOUND_CLICK_1',
  'OUTBOUND_CLICK_2',
  'CTR',
  'ECTR',
  'CPC_IN_MICRO_DOLLAR',
  'ECPM_IN_MICRO_DOLLAR',
  'TOTAL_ENGAGEMENT',
  'ENGAGEMENT_RATE',
  'REPIN_1',
  'REPIN_2',
  'TOTAL_CONVERSIONS',
  'TOTAL_PAGE_VISIT',
  'TOTAL_SIGNUP',
  'TOTAL_CHECKOUT',
  'TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR',
  'CHECKOUT_ROAS',
  'TOTAL_VIDEO_MRC_VIEWS',
  'TOTAL_VIDEO_P100_COMPLETE',
];

/** Columns that stand in every table anyway, and are therefore no metrics of it. */
export const keyColumns = (objectType: ObjectType): readonly string[] => {
  const { parents, idColumn } = factsOf(objectType);
  return [...new Set(['AD_ACCOUNT_ID', ...parents, idColumn])];
};

export interface MetricColumn {
  /** As in Pinterest's API: `SPEND_IN_MICRO_DOLLAR`. */
  name: string;
  kind: ColumnKind;
}

/** The spec's columns that become columns of `objectType`'s table beside its keys. */
export const metricColumns = (objectType: ObjectType, columns: readonly string[]): string[] => {
  const keys = new Set(keyColumns(objectType));
  return columns.filter((column) => !keys.has(column));
};

/** The same with their kinds. */
export const metricsOf = (objectType: ObjectType, columns: readonly string[]): MetricColumn[] =>
  metricColumns(objectType, columns).map((name) => ({ name, kind: columnKind(name) }));
