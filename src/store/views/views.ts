// The views of a dataflow's schema: what a person reads instead of taking ids, micro-units and JSON apart.
import { LEVELS, OBJECT_TYPES, tableOf } from '../../dataflow/object-types.js';
import { dailyView } from './daily.js';
import { detailsView } from './details.js';
import { freshnessView } from './freshness.js';
import { runsView } from './runs.js';
import type { Standing, View } from './view.js';

/** Those that can be made of what stands: a table of numbers is made later than the rest. */
export const viewsOf = (standing: Standing): View[] => [
  freshnessView(standing),
  runsView(standing),
  ...OBJECT_TYPES.map((objectType) => detailsView(objectType, standing)),
  ...LEVELS.flatMap((objectType) =>
    [tableOf({ objectType }), tableOf({ objectType, breakdown: 'any' })]
      .filter((table) => standing.columns.has(table))
      .map((table) => dailyView(objectType, table, standing)),
  ),
];
