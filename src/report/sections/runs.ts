// Each run by itself.
import type { RunFigures } from '../../store/figures/runs.js';
import { count, plural } from '../../number-words.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Head, type Section } from '../parts.js';
import { duration, NOTHING, range, time } from '../words.js';

const MARKS: Readonly<Record<RunFigures['status'], string>> = {
  success: '✔',
  'partial success': '⚠',
  failed: '✖',
  cancelled: '✖',
  skipped: '–',
};

const HEADS: readonly Head[] = [
  { name: 'Began' },
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

/** A table of their own: beside the numbers each row would be as high as its error is long. */
const errorsOf = (runs: readonly RunFigures[], caption: string): Html | null => {
  const failed = runs.filter((run) => run.firstError !== null);
  return failed.length === 0
    ? null
    : table(
        caption,
        [{ name: 'Began' }, { name: 'First error' }],
        failed.map((run) => [began(run), firstError(run)]),
      );
};

export const runsSection = ({ runs, accounts }: ReportFacts): Section => {
  const several = accounts.count > 1;
  const heads = several ? [HEADS[0]!, { name: 'Ad account' }, ...HEADS.slice(1)] : HEADS;
  const listed = (name: string, some: readonly RunFigures[]): Html =>
    html`${table(
      name,
      heads,
      some.map((run) => [began(run), ...(several ? [run.adAccountId] : []), ...row(run)]),
    )}${errorsOf(some, `${name}: errors`)}`;
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
