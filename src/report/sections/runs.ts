// Each run by itself.
import type { RunFigures } from '../../store/figures/runs.js';
import { count, plural } from '../../number-words.js';
import type { ReportFacts } from '../facts.js';
import { html } from '../html.js';
import { details, nothing, number, table, type Head, type Section } from '../parts.js';
import { duration, NOTHING, range } from '../words.js';

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
  new Date(run.startedAtMs).toISOString().slice(0, 16).replace('T', '\u00a0'),
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
