// The head: which dataflow, whose, and how current, in words.
import { count, plural } from '../../number-words.js';
import { leastSettled, type DateState } from '../../dataflow/date-state.js';
import type { RunFigures } from '../../store/figures/runs.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { periodWords } from '../periods.js';
import { day, duration, range, time } from '../words.js';

/** How current all tables together are. */
const currentness = ({ freshness }: ReportFacts): string => {
  const dates = freshness.flatMap(({ dates }) => dates);
  if (dates.length === 0) return 'No run has planned anything yet.';
  const { one, many } = periodWords(freshness);
  const counted = (number: number): string => plural(number, one, many);
  const open = new Set(
    dates.filter(({ accounts }) => leastSettled(accounts) !== 'final').map(({ date }) => date),
  );
  const final = dates.filter(({ date }) => !open.has(date));
  const [firstOpen] = [...open].sort();
  const [upTo] = final
    .filter(({ date }) => firstOpen === undefined || date < firstOpen)
    .map(({ period }) => period.to)
    .sort()
    .reverse();
  const datesIn = (state: DateState): number =>
    new Set(dates.filter(({ accounts }) => accounts[state] > 0).map(({ date }) => date)).size;
  const [provisional, stale, missing] = [datesIn('provisional'), datesIn('stale'), datesIn('never read')];
  const is = (number: number): string => (number === 1 ? 'is' : 'are');
  const finals = new Set(final.map(({ date }) => date)).size;
  const settled = (): string => {
    if (upTo !== undefined) return `All numbers up to ${day(upTo)} are final.`;
    // A backfill brings the newest dates first.
    if (finals > 0) return `${counted(finals)} ${is(finals)} final in every table.`;
    return `No ${one} is final in every table yet.`;
  };
  return [
    settled(),
    ...(provisional > 0
      ? [
          `${counted(provisional)} ${is(provisional)} provisional: read today, and Pinterest may still revise ${provisional === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    ...(stale > 0
      ? [`${counted(stale)} ${is(stale)} stale: the next run reads ${stale === 1 ? 'it' : 'them'}.`]
      : []),
    missing > 0 ? `${counted(missing)} ${is(missing)} not read yet.` : 'None is missing.',
  ].join(' ');
};

const lastRun = (run: RunFigures | undefined): string => {
  if (!run) return 'none has ended yet';
  const rejected = run.rejectedRows > 0 ? `, ${plural(run.rejectedRows, 'row')} rejected` : '';
  return `${run.status}, ${time(run.completedAtMs)}, in ${duration(run.completedAtMs - run.startedAtMs)}: ${plural(run.outputRows, 'row')}, ${plural(run.calls, 'API call')}${rejected}`;
};

const SHOWN = 6;

const accountsOf = ({ accounts: { count: all, listed } }: ReportFacts): Html =>
  html`${listed
    .slice(0, SHOWN)
    .map(
      ({ id, name, currency, country }) =>
        html`<span class="account"
          >${name ?? 'not read yet'}
          <span class="note"
            >${[id, currency, country].filter((word) => word !== null).join(' · ')}</span
          ></span
        >`,
    )}${all > SHOWN ? html`<span class="account">and ${count(all - SHOWN)} more</span>` : null}`;

export const head = (facts: ReportFacts): Html => {
  const { dataflow, freshness, runs, store, madeAtMs } = facts;
  const longest = freshness.toSorted((one, other) => other.dates.length - one.dates.length)[0]?.dates ?? [];
  const window = longest.length > 0 ? { from: longest[0]!.period.from, to: longest.at(-1)!.period.to } : null;
  const fact = (name: string, value: Html | string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<header>
    <p class="kind">Pinterest Ads dataflow</p>
    <h1>${dataflow}</h1>
    <p class="lede">${currentness(facts)}</p>
    <dl class="facts">
      ${fact(facts.accounts.count > 1 ? 'Ad accounts' : 'Ad account', accountsOf(facts))}
      ${fact('Window', window ? `${range(window)}, ${periodWords(freshness).asked}` : 'none yet')}
      ${fact('Last run', lastRun(runs.listed[0]))}
      ${fact('Report made', html`${time(madeAtMs)} <span class="note">from ${store}</span>`)}
    </dl>
  </header> `;
};
