// What runs called, by day, against the budget.
import type { RunDay } from '../../store/figures/runs.js';
import { count, plural } from '../../number-words.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Section } from '../parts.js';
import { atMidnight, day, percent } from '../words.js';
import { axes, byDay, DAY_MS } from './by-day.js';

const KINDS = ['reports', 'analytics', 'catalogue', 'other'] as const;
const totalOf = ({ calls }: RunDay): number => KINDS.reduce((sum, kind) => sum + calls[kind], 0);

export const callsSection = ({ runs: { days }, quota }: ReportFacts): Section => {
  const content = (): Html => {
    const most = Math.max(...days.map(totalOf));
    const daily = quota.find(({ windowMs }) => windowMs === DAY_MS)?.calls;
    const retried = days.reduce((sum, { calls }) => sum + calls.retried, 0);
    const total = days.reduce((sum, one) => sum + totalOf(one), 0);
    // A budget that is far away would press the bars flat: then it stands in the words alone.
    const ruled = daily !== undefined && most * 4 >= daily;
    const stacked = days.flatMap((one) =>
      KINDS.map((kind) => ({ at: atMidnight(one.date), kind, calls: one.calls[kind] })),
    );
    const fills = new Map<string, string>(KINDS.map((kind, i) => [kind, `var(--kind-${i + 1})`]));
    return html`<p>
        ${plural(total, 'call')} on ${plural(days.length, 'day')}, ${retried} of them retries; ${count(most)}
        on the busiest
        day${
          daily === undefined
            ? '.'
            : html`, <b>${percent(most / daily)}</b> of the ${count(daily)} a day that
                <code>PINTEREST_QUOTA</code> grants to the app and all its dataflows.`
        }
        A run counts on the day on which it began.
      </p>
      ${figure(
        html`<b>API calls a day</b>
          <span class="legend-inline"
            >${KINDS.map((kind, i) => html`<span><i style="background: var(--kind-${i + 1})"></i>${kind}</span>`)}</span
          >`,
        `API calls by day, ${most} at most; the same as a table stands below`,
        {
          ...byDay(days),
          y: {
            zero: true,
            nice: true,
            domain: [0, Math.max(most, ruled ? daily : 0) * 1.05 || 1],
            label: null,
          },
          marks: [
            ...axes,
            Plot.rectY(
              stacked.filter(({ calls }) => calls > 0),
              {
                x: 'at',
                interval: 'day',
                y: 'calls',
                z: 'kind',
                order: [...KINDS],
                fill: ({ kind }: { kind: string }) => fills.get(kind),
                // Half a year of bars has little more than a pixel for each.
                insetRight: 0.5,
              },
            ),
            ...(ruled
              ? [
                  Plot.ruleY([daily], { stroke: 'var(--stale)', strokeDasharray: '4 3' }),
                  Plot.text([`budget: ${count(daily)} a day`], {
                    y: () => daily,
                    frameAnchor: 'left',
                    textAnchor: 'start',
                    dx: 4,
                    dy: -7,
                    fill: 'var(--stale)',
                  }),
                ]
              : []),
            Plot.ruleY([0], { stroke: 'var(--muted)' }),
          ],
          color: { type: 'identity' },
        },
      )}
      ${details(
        'Calls by day',
        table(
          'API calls by day',
          [{ name: 'Day' }, number('runs'), ...KINDS.map(number), number('retried'), number('all')],
          days
            .toReversed()
            .map((one) => [
              day(one.date),
              count(one.runs),
              ...KINDS.map((kind) => count(one.calls[kind])),
              count(one.calls.retried),
              count(totalOf(one)),
            ]),
        ),
      )}`;
  };
  return {
    id: 'calls',
    title: 'Calls against the budget',
    content: days.length === 0 ? nothing('No run has ended yet, so no calls are on record.') : content(),
  };
};
