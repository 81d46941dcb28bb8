// Charts by the day on which runs began.
import type { RunDay } from '../../store/figures/runs.js';
import { Plot } from '../chart.js';
import { atMidnight, compact } from '../words.js';

export const DAY_MS = 86_400_000;

/** Axes of a chart by the day on which runs began. */
export const byDay = (days: readonly RunDay[]) =>
  ({
    height: 198,
    marginLeft: 44,
    marginRight: 8,
    marginTop: 16,
    marginBottom: 34,
    // A month at least, so that a few bars are not as wide as the page.
    x: {
      type: 'utc',
      label: null,
      domain: [
        Math.min(atMidnight(days[0]!.date).getTime(), atMidnight(days.at(-1)!.date).getTime() - 29 * DAY_MS),
        atMidnight(days.at(-1)!.date).getTime() + DAY_MS,
      ],
    },
  }) as const;

/** Thin lines for values, few labels. */
export const axes = [
  Plot.axisY({ ticks: 4, tickSize: 0, tickFormat: compact, label: null }),
  Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
  Plot.axisX({ ticks: 6, tickSize: 4, label: null }),
];
