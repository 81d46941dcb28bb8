// Which keys of a row matter for an answer's shape, and which columns come of them.
import { storeName, type MetricColumn } from '../dataflow/columns.js';
import { factsOf } from '../dataflow/object-types.js';
import type { AnswerShape } from './answer-shape.js';

export interface RowLayout {
  /** Keys that may hold the object's own id. */
  ownIds: string[];
  /** Keys of the parents above the object type. */
  parents: readonly string[];
  hasDate: boolean;
  hasHour: boolean;
  /** The rows are about values of a targeting type, `{"targeting_type":…,"targeting_value":…,"metrics":{…}}`. */
  hasTargeting: boolean;
  metrics: (MetricColumn & { column: string })[];
}

export function layoutOf(shape: AnswerShape): RowLayout {
  const asked = new Set(shape.columns.map(({ name }) => name));
  // A second name of the own id that is asked for as a column is a column like any other.
  const { idColumn, idAliases, parents } = factsOf(shape.objectType);
  const ownIds = [idColumn, ...idAliases.filter((name) => !asked.has(name))];
  const hasHour = shape.granularity === 'HOUR';
  const taken = new Set([
    'object_id',
    'date',
    ...[...ownIds, ...parents].map(storeName),
    ...(hasHour ? ['hour'] : []),
  ]);
  // A spec may name ids and dates among its columns: they are there already.
  const metrics = shape.columns.flatMap(({ name, kind }) => {
    const column = storeName(name);
    if (taken.has(column)) return [];
    taken.add(column);
    return [{ name, kind, column }];
  });
  const hasTargeting = shape.breakdown !== undefined;
  return { ownIds, parents, hasDate: shape.granularity !== 'TOTAL', hasHour, hasTargeting, metrics };
}

/** The keys of a row, by a breakdown of its metrics, that are read; all others are ignored. */
export function keysRead({ ownIds, parents, hasDate, hasHour, metrics }: RowLayout): Set<string> {
  const periods = [...(hasDate ? ['DATE'] : []), ...(hasHour ? ['HOUR'] : [])];
  return new Set([...ownIds, ...parents, ...periods, ...metrics.map(({ name }) => name)]);
}

/** The keys of a row that hold numbers. */
export function numberKeys({ metrics }: RowLayout): Set<string> {
  return new Set(metrics.filter(({ kind }) => kind === 'number').map(({ name }) => name));
}

/** The columns of a staged row, in their order in the files. */
export function outputColumns(layout: RowLayout): string[] {
  const { parents, metrics } = layout;
  return [...rowKey(layout), ...parents.map(storeName), ...metrics.map(({ column }) => column)];
}

/** The columns that tell one row from another. */
export function rowKey({ hasHour, hasTargeting }: Pick<RowLayout, 'hasHour' | 'hasTargeting'>): string[] {
  return ['object_id', 'date', ...(hasHour ? ['hour'] : []), ...(hasTargeting ? ['targeting_value'] : [])];
}
