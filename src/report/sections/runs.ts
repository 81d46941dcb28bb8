// What runs did: how far back they found changed numbers, what they called, and each by itself.
import type { RunDay, RunFigures } from '../../store/figures/runs.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, table, type Head, type Section } from '../parts.js';
import {
  atMidnight,
  compact,
  count,
  duration,
  list,
  NOTHING,
  percent,
  plural,
  range,
  time,
} from '../words.js';

const number = (name: string): Head => ({ name, number: true });
const DAY_MS = 86_400_000;

/** Axes of a chart by the day on which runs began. */
const byDay = (days: readonly RunDay[]) =>
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

const axes = [
  Plot.axisY({ ticks: 4, tickSize: 0, tickFormat: compact, label: null }),
  Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
  Plot.axisX({ ticks: 6, tickSize: 4, label: null }),
];

export const restatementSection = ({ runs, freshness }: ReportFacts): Section => {
  const days = runs.days.filter(({ restatedCells }) => restatedCells > 0);
  const restateDays = Math.max(0, ...freshness.map(({ restateDays }) => restateDays));
  const content = (): Html => {
    const changed = days.filter(({ oldestChangedAge }) => oldestChangedAge !== null);
    const cells = days.reduce((sum, one) => sum + one.restatedCells, 0);
    const rows = days.reduce((sum, one) => sum + one.restatedRows, 0);
    const oldest = Math.max(0, ...changed.map(({ oldestChangedAge }) => oldestChangedAge ?? 0));
    const words =
      changed.length === 0
        ? html`<p>Runs read ${plural(cells, 'cell')} again, and no row had changed.</p>`
        : html`<p>
            Runs read ${plural(cells, 'cell')} again, and ${plural(rows, 'row')} had changed. The oldest date
            that changed was <b>${plural(oldest, 'day')}</b> old; dates are read again until they are
            ${restateDays} days old (<code>restateDays</code>).
            ${
              oldest >= restateDays
                ? 'Changes reach that limit: a larger restateDays may find more.'
                : 'Changes end before that limit.'
            }
          </p>`;
    if (changed.length === 0) return words;
    return html`${words}${figure(
      html`<b>Age of the oldest date that had changed</b>
        <span class="note">in days, by the day of the run</span>`,
      `Age in days of the oldest changed date, by day of the run; ${oldest} at most`,
      {
        ...byDay(changed),
        y: { zero: true, domain: [0, Math.max(oldest, restateDays) * 1.08], label: null },
        marks: [
          ...axes,
          Plot.ruleY([restateDays], { stroke: 'var(--provisional-text)', strokeDasharray: '4 3' }),
          Plot.text([`restateDays: ${restateDays}`], {
            y: () => restateDays,
            frameAnchor: 'left',
            dx: 4,
            dy: -7,
            textAnchor: 'start',
            fill: 'var(--provisional-text)',
          }),
          Plot.dot(changed, {
            x: ({ date }: RunDay) => atMidnight(date).getTime() + DAY_MS / 2,
            y: 'oldestChangedAge',
            r: 3,
            fill: 'var(--line)',
          }),
          Plot.ruleY([0], { stroke: 'var(--muted)' }),
        ],
      },
    )}${details(
      'What was read again, by day',
      table(
        'What was read again',
        [{ name: 'Day of the run' }, number('cells'), number('rows changed'), number('oldest change, days')],
        days
          .toReversed()
          .map((one) => [
            one.date,
            count(one.restatedCells),
            count(one.restatedRows),
            one.oldestChangedAge === null ? NOTHING : one.oldestChangedAge,
          ]),
      ),
    )}`;
  };
  return {
    id: 'restatement',
    title: 'What Pinterest revised',
    content:
      days.length === 0
        ? nothing('No run has read a date again yet: what Pinterest revises shows from the second day on.')
        : content(),
  };
};

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
                insetLeft: 1,
                insetRight: 1,
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
              one.date,
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

const MARKS: Readonly<Record<RunFigures['status'], string>> = {
  success: '✔',
  'partial success': '⚠',
  failed: '✖',
  cancelled: '✖',
  skipped: '–',
};

const HEADS: readonly Head[] = [
  { name: 'Began (UTC)' },
  { name: 'Status' },
  number('lasted'),
  { name: 'Dates' },
  number('rows in'),
  number('rows kept'),
  number('rejected'),
  number('calls'),
  number('rows changed'),
  { name: 'First error' },
];

const LONGEST_ERROR = 300;
const NEWEST = 10;

const row = (run: RunFigures): (string | number)[] => [
  new Date(run.startedAtMs).toISOString().slice(0, 16).replace('T', ' '),
  `${MARKS[run.status]} ${run.status}`,
  duration(run.completedAtMs - run.startedAtMs),
  run.window ? range(run.window) : NOTHING,
  count(run.inputRows),
  count(run.outputRows),
  count(run.rejectedRows),
  count(run.calls),
  count(run.restatedRows),
  run.firstError === null
    ? ''
    : run.firstError.slice(0, LONGEST_ERROR) + (run.errors > 1 ? ` (and ${count(run.errors - 1)} more)` : ''),
];

export const runsSection = ({ runs, accounts }: ReportFacts): Section => {
  const several = accounts.count > 1;
  const heads = several ? [HEADS[0]!, { name: 'Ad account' }, ...HEADS.slice(1)] : HEADS;
  const rows = runs.listed.map((run) => {
    const [began, ...rest] = row(run);
    return several ? [began!, run.adAccountId, ...rest] : [began!, ...rest];
  });
  const older = runs.count - runs.listed.length;
  return {
    id: 'runs',
    title: 'Runs',
    content:
      runs.count === 0
        ? nothing('No run has ended yet.')
        : html`${table('The newest runs', heads, rows.slice(0, NEWEST))}
          ${rows.length > NEWEST ? details(plural(rows.length - NEWEST, 'earlier run'), table('Earlier runs', heads, rows.slice(NEWEST))) : null}
          ${older > 0 ? html`<p class="note">${plural(older, 'older run')}: SELECT * FROM runs.</p>` : null}`,
  };
};

export const rejectedSection = ({ rejected }: ReportFacts): Section => {
  const left = rejected.reasons - rejected.listed.length;
  return {
    id: 'rejected',
    title: 'Rejected rows',
    content:
      rejected.rows === 0
        ? nothing('None: every row that came is in the tables.')
        : html`<p>
              ${plural(rejected.rows, 'row')} kept aside, for ${plural(rejected.reasons, 'reason')}. Their
              cells are read again; the rows as they came are in <code>rejected_rows</code>.
            </p>
            ${table(
              'Rejected rows by reason',
              [{ name: 'Reason' }, number('rows'), { name: 'Of' }, { name: 'Last' }],
              rejected.listed.map(({ reason, rows, objectType, target, lastAtMs }) => [
                reason,
                count(rows),
                list([
                  ...(objectType ? [objectType.replace('_', ' ')] : []),
                  ...(target ? [`target ${target}`] : []),
                ]),
                time(lastAtMs),
              ]),
            )}
            ${left > 0 ? html`<p class="note">${plural(left, 'more reason')} of fewer rows.</p>` : null}`,
  };
};
