/** Which keys of a row matter for an answer's shape, and which columns come of them. */
import type { AnswerColumn, AnswerShape } from './answer-shape.js';

export interface RowLayout {
  /** Keys that may hold the object's own id. */
  ownIds: string[];
  /** Keys of the parents above the object type. */
  parents: string[];
  hasDate: boolean;
  hasHour: boolean;
  metrics: (AnswerColumn & { column: string })[];
}

const OWN_IDS = {
  campaigns: ['CAMPAIGN_ID'],
  ad_groups: ['AD_GROUP_ID'],
  ads: ['AD_ID', 'PIN_PROMOTION_ID'],
};
const PARENTS = { campaigns: [], ad_groups: ['CAMPAIGN_ID'], ads: ['CAMPAIGN_ID', 'AD_GROUP_ID'] };

export function layoutOf(shape: AnswerShape): RowLayout {
  const asked = new Set(shape.columns.map(({ name }) => name));
  // A second name of the own id that is asked for as a column is a column like any other.
  const ownIds = OWN_IDS[shape.objectType].filter((name, index) => index === 0 || !asked.has(name));
  const parents = PARENTS[shape.objectType];
  const hasHour = shape.granularity === 'HOUR';
  const taken = new Set([
    'object_id',
    'date',
    ...[...ownIds, ...parents].map(columnOf),
    ...(hasHour ? ['hour'] : []),
  ]);
  // A spec may name ids and dates among its columns: they are there already.
  const metrics = shape.columns.flatMap(({ name, kind }) => {
    const column = columnOf(name);
    if (taken.has(column)) return [];
    taken.add(column);
    return [{ name, kind, column }];
  });
  return { ownIds, parents, hasDate: shape.granularity !== 'TOTAL', hasHour, metrics };
}

/** The keys of a row that are read; all others are ignored. */
export function keysRead({ ownIds, parents, hasDate, hasHour, metrics }: RowLayout): Set<string> {
  const periods = [...(hasDate ? ['DATE'] : []), ...(hasHour ? ['HOUR'] : [])];
  return new Set([...ownIds, ...parents, ...periods, ...metrics.map(({ name }) => name)]);
}

/** The columns of a staged row, in their order in the files. */
export function outputColumns({ parents, hasHour, metrics }: RowLayout): string[] {
  return [...cellColumns(hasHour), ...parents.map(columnOf), ...metrics.map(({ column }) => column)];
}

/** The columns that tell one cell from another. */
export function cellColumns(hasHour: boolean): string[] {
  return ['object_id', 'date', ...(hasHour ? ['hour'] : [])];
}

export function columnOf(name: string): string {
  return name.toLowerCase();
}
