// The views of a dataflow's schema: what a person reads instead of taking ids, micro-units and JSON apart.
import { LEVELS, OBJECT_TYPES, tableOf, type ObjectType } from '../../dataflow/object-types.js';
import { dailyView } from './daily.js';
import { detailsView } from './details.js';
import { freshnessView } from './freshness.js';
import { runsView } from './runs.js';
import type { Standing, View } from './view.js';

const numbersOf = (objectType: ObjectType): string[] => [
  tableOf({ objectType }),
  tableOf({ objectType, breakdown: 'any' }),
];

/** The tables of numbers that a dataflow may have. */
export const NUMBER_TABLES: readonly string[] = LEVELS.flatMap(numbersOf);

/** Those that can be made of what stands: a table of numbers is made later than the rest. */
export const viewsOf = (standing: Standing): View[] => [
  freshnessView(standing),
  runsView(standing),
  ...OBJECT_TYPES.map((objectType) => detailsView(objectType, standing)),
  ...LEVELS.flatMap((objectType) =>
    numbersOf(objectType)
      .filter((table) => standing.columns.has(table))
      .map((table) => dailyView(objectType, table, standing)),
  ),
];
