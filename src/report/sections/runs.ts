// Each run by itself.
import type { RunFigures } from '../../store/figures/runs.js';
import { count, plural } from '../../number-words.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Cell, type Head, type Section } from '../parts.js';
import { duration, NOTHING, range, time } from '../words.js';

const MARKS: Readonly<Record<RunFigures['status'], string>> = {
  success: '✔',
  'partial success': '⚠',
  failed: '✖',
  cancelled: '✖',
  skipped: '–',
};

const HEADS: readonly Head[] = [
  { name: 'Status' },
  number('lasted'),
  { name: 'Dates' },
  number('rows in'),
  number('rows kept'),
  number('rejected'),
  number('calls'),
  number('rows changed'),
];

const LONGEST_ERROR = 300;
const NEWEST = 10;

const began = ({ startedAtMs }: RunFigures): Html =>
  html`<time datetime="${new Date(startedAtMs).toISOString()}">${time(startedAtMs)}</time>`;

const row = (run: RunFigures): string[] => [
  `${MARKS[run.status]} ${run.status}`,
  duration(run.completedAtMs - run.startedAtMs),
  run.window ? range(run.window) : NOTHING,
  count(run.inputRows),
  count(run.outputRows),
  count(run.rejectedRows),
  count(run.calls),
  count(run.restatedRows),
];

const firstError = ({ firstError: first, errors }: RunFigures): string =>
  (first ?? '').slice(0, LONGEST_ERROR) + (errors > 1 ? ` (and ${count(errors - 1)} more)` : '');

export const runsSection = ({ runs, accounts }: ReportFacts): Section => {
  const several = accounts.count > 1;
  const headsOf = (heads: readonly Head[]): Head[] => [
    { name: 'Began' },
    ...(several ? [{ name: 'Ad account' }] : []),
    ...heads,
  ];
  const rowOf = (run: RunFigures, cells: readonly string[]): Cell[] => [
    began(run),
    ...(several ? [run.adAccountId] : []),
    ...cells,
  ];
  /** Errors have a table of their own: beside the numbers each row would be as high as its error is long. */
  const listed = (name: string, some: readonly RunFigures[]): Html => {
    const failed = some.filter((run) => run.firstError !== null);
    return html`${table(
      name,
      headsOf(HEADS),
      some.map((run) => rowOf(run, row(run))),
    )}${
      failed.length > 0
        ? table(
            `${name}: errors`,
            headsOf([{ name: 'First error' }]),
            failed.map((run) => rowOf(run, [firstError(run)])),
          )
        : null
    }`;
  };
  const [newest, earlier] = [runs.listed.slice(0, NEWEST), runs.listed.slice(NEWEST)];
  const older = runs.count - runs.listed.length;
  return {
    id: 'runs',
    title: 'Runs',
    content:
      runs.count === 0
        ? nothing('No run has ended yet.')
        : html`${listed('The newest runs', newest)}
          ${earlier.length > 0 ? details(plural(earlier.length, 'earlier run'), listed('Earlier runs', earlier)) : null}
          ${older > 0 ? html`<p class="note">${plural(older, 'older run')}: in the view <code>runs</code>.</p>` : null}`,
  };
};
