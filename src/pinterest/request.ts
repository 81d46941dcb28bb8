// What one extraction asks of Pinterest, in the words of the API; shared by analytics and reports.
import type { Granularity, ObjectType } from '../dataflow/chunk.js';
import { PARENT_COLUMNS, ID_COLUMN } from '../dataflow/columns.js';
import type { DateRange } from '../dataflow/dates.js';
import type { Attribution } from '../dataflow/spec.js';

export interface Extraction extends DateRange {
  adAccountId: string;
  objectType: ObjectType;
  /** Object ids; none for a report of the whole account. */
  ids: readonly string[] | null;
  granularity: Granularity;
  columns: readonly string[];
  attribution: Attribution;
}

/** The query and body key that names the object ids: `campaign_ids`, `ad_group_ids`, `ad_ids`. */
export const ID_PARAMETER: Readonly<Record<ObjectType, string>> = {
  campaigns: 'campaign_ids',
  ad_groups: 'ad_group_ids',
  ads: 'ad_ids',
};

/** The columns to ask for: those wanted, and the ids that say where a row belongs. */
export const columnsToAsk = (objectType: ObjectType, columns: readonly string[]): string[] => [
  ...new Set([...columns, ID_COLUMN[objectType], ...PARENT_COLUMNS[objectType]]),
];

const NOUN: Readonly<Record<ObjectType, [string, string]>> = {
  campaigns: ['campaign', 'campaigns'],
  ad_groups: ['ad group', 'ad groups'],
  ads: ['ad', 'ads'],
};

/** "20 campaigns", "ad 549755885175", "all ads". */
export const describeIds = (objectType: ObjectType, ids: readonly string[] | null): string => {
  const [one, many] = NOUN[objectType];
  if (ids === null) return `all ${many}`;
  return ids.length === 1 ? `${one} ${ids[0]}` : `${ids.length} ${many}`;
};

export const describeExtraction = ({ objectType, ids, from, to }: Extraction): string =>
  `${describeIds(objectType, ids)}, ${from} to ${to}`;
