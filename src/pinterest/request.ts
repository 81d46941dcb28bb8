// What one extraction asks of Pinterest, in the words of the API; shared by analytics and reports.
import type { Granularity } from '../dataflow/chunk.js';
import type { DateRange } from '../dataflow/dates.js';
import { describeIds, factsOf, type Dataset, type ObjectType } from '../dataflow/object-types.js';
import type { Attribution } from '../dataflow/spec.js';

export interface Extraction extends Dataset, DateRange {
  adAccountId: string;
  /** Object ids; none for a report of the whole account. */
  ids: readonly string[] | null;
  granularity: Granularity;
  columns: readonly string[];
  attribution: Attribution;
}

/** The columns to ask for: those wanted, and the ids that say where a row belongs. */
export const columnsToAsk = (objectType: ObjectType, columns: readonly string[]): string[] => {
  const { idColumn, parents } = factsOf(objectType);
  return [...new Set([...columns, idColumn, ...parents])];
};

/** The ids as Pinterest takes them; nothing where there are none to name. */
export const namedIds = ({
  objectType,
  ids,
}: Pick<Extraction, 'objectType' | 'ids'>): [key: string, ids: readonly string[]][] => {
  const { idParameter } = factsOf(objectType);
  return idParameter === null || ids === null ? [] : [[idParameter, ids]];
};

export const describeExtraction = ({ objectType, breakdown, ids, from, to }: Extraction): string =>
  `${describeIds(objectType, ids)}${breakdown === undefined ? '' : ` by ${breakdown}`}, ${from} to ${to}`;
