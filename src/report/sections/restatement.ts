// What Pinterest revised: how far back runs found changed numbers.
import type { RunDay } from '../../store/figures/runs.js';
import { count, plural } from '../../number-words.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Section } from '../parts.js';
import { periodWords } from '../periods.js';
import { atMidnight, day, NOTHING } from '../words.js';
import { axes, byDay, DAY_MS } from './by-day.js';

export const restatementSection = ({ runs, freshness }: ReportFacts): Section => {
  const days = runs.days.filter(({ restatedCells }) => restatedCells > 0);
  const restateDays = Math.max(0, ...freshness.map(({ restateDays }) => restateDays));
  const content = (): Html => {
    const changed = days.filter(({ oldestChangedAge }) => oldestChangedAge !== null);
    const cells = days.reduce((sum, one) => sum + one.restatedCells, 0);
    const rows = days.reduce((sum, one) => sum + one.restatedRows, 0);
    const oldest = Math.max(0, ...changed.map(({ oldestChangedAge }) => oldestChangedAge ?? 0));
    // A reader of the report need not know what a cell is.
    const read = `Runs read ${plural(cells, 'cell')} again, each of one object and one ${periodWords(freshness).one}, and`;
    const words =
      changed.length === 0
        ? html`<p>${read} no row had changed.</p>`
        : html`<p>
            ${read} ${plural(rows, 'row')} had changed. The oldest date that changed was
            <b>${plural(oldest, 'day')}</b> old; dates are read again until they are ${restateDays} days old
            (<code>restateDays</code>).
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
            day(one.date),
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
