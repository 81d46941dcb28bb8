// Which dates are final: a calendar for each table, and the same as dates in words.
import { count, plural } from '../../number-words.js';
import { DATE_STATES, leastSettled, type DateState } from '../../dataflow/date-state.js';
import { dayNumber, mondayOf, type DateOnly } from '../../dataflow/dates.js';
import { describeDataset } from '../../dataflow/object-types.js';
import type { DateFreshness, DatasetFreshness } from '../../store/figures/freshness.js';
import { periodWords } from '../periods.js';
import { day, month, range } from '../words.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Section } from '../parts.js';

/** How a state looks and what it means. */
const LOOKS: Readonly<Record<DateState, { fill: string; stroke: string; sign: string; means: string }>> = {
  final: {
    fill: 'var(--final)',
    stroke: 'var(--final)',
    sign: '',
    means: 'will not be read again, nor change',
  },
  provisional: {
    fill: 'url(#hatch)',
    stroke: 'var(--provisional)',
    sign: '',
    means: 'read today, and Pinterest may still revise it',
  },
  stale: { fill: 'var(--stale)', stroke: 'var(--stale)', sign: '!', means: 'the next run reads it again' },
  'never read': { fill: 'none', stroke: 'var(--missing)', sign: '×', means: 'nothing is held of it' },
};

const MOST_CALENDARS = 12;
/** A year and what completes its weeks; older dates stand in the words. */
const MOST_DATES = 371;
const CELL = 12;
/** A month's is as wide as its name. */
const MONTH_CELL = 36;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

interface Square extends DateFreshness {
  state: DateState;
  column: number;
  row: number;
}

/** Days stand in weeks; longer periods in one row. */
const squaresOf = ({ granularity, dates }: DatasetFreshness): Square[] => {
  const shown = dates.slice(-MOST_DATES);
  const byDay = granularity === 'DAY' || granularity === 'HOUR';
  const first = shown[0]!.date;
  return shown.map((one, i) => {
    const weeks = (dayNumber(mondayOf(one.date)) - dayNumber(mondayOf(first))) / 7;
    return {
      ...one,
      state: leastSettled(one.accounts),
      column: byDay ? weeks : i,
      row: byDay ? dayNumber(one.date) - dayNumber(mondayOf(one.date)) : 0,
    };
  });
};

/** The columns in which a month begins, with its name; none whose name would touch the next. */
const monthTicks = (
  squares: readonly Square[],
  cell: number,
): (readonly [column: number, month: string])[] => {
  const first = new Map<string, Square>();
  for (const square of squares) {
    const begun = square.date.slice(0, 7);
    if (!first.has(begun)) first.set(begun, square);
  }
  const begins = [...first.values()];
  return begins
    .filter(({ column }, i) => ((begins[i + 1]?.column ?? Infinity) - column) * cell >= MONTH_CELL)
    .map(({ column, date }) => [column, month(date)] as const);
};

const titleOf = ({ period, state, finalOn, accounts }: Square): string => {
  const several = Object.values(accounts).reduce((sum, held) => sum + held, 0);
  const of = several > 1 ? ` for ${count(accounts[state])} of ${plural(several, 'ad account')}` : '';
  return `${range(period)}: ${state}${of}${state === 'final' ? '' : `; final on ${day(finalOn)}`}`;
};

const calendar = (dataset: DatasetFreshness): Html => {
  const squares = squaresOf(dataset);
  const rows = Math.max(...squares.map(({ row }) => row)) + 1;
  const columns = squares.at(-1)!.column + 1;
  const name = describeDataset(dataset.dataset);
  const cell = dataset.granularity === 'MONTH' ? MONTH_CELL : CELL;
  const square = { x: 'column', y: 'row', inset: 1, r: 2 } as const;
  const shown = { from: squares[0]!.period.from, to: squares.at(-1)!.period.to };
  return figure(
    html`<b>${name}</b> <span class="note">${dataset.table}</span>`,
    `${name}: the state of each ${periodWords([dataset]).one}, ${range(shown)}; the same as a list stands below`,
    {
      width: 30 + columns * cell,
      height: 18 + rows * CELL + 2,
      marginLeft: 30,
      marginRight: 0,
      marginTop: 18,
      marginBottom: 2,
      padding: 0,
      x: { type: 'band', domain: Array.from({ length: columns }, (_, i) => i), axis: null },
      y: { type: 'band', domain: Array.from({ length: rows }, (_, i) => i), axis: null },
      marks: [
        // A total is of no month.
        Plot.text(dataset.granularity === 'TOTAL' ? [] : monthTicks(squares, cell), {
          x: '0',
          text: '1',
          frameAnchor: 'top',
          textAnchor: 'start',
          dx: -cell / 2 + 1,
          dy: -14,
        }),
        ...(rows === 7
          ? [
              Plot.text([0, 2, 4], {
                y: (row: number) => row,
                text: (row: number) => WEEKDAYS[row]!,
                frameAnchor: 'left',
                textAnchor: 'end',
                dx: -4,
              }),
            ]
          : []),
        ...DATE_STATES.map((state) =>
          Plot.cell(
            squares.filter((one) => one.state === state),
            {
              ...square,
              fill: LOOKS[state].fill,
              stroke: LOOKS[state].stroke,
              ...(state === 'never read' && { strokeDasharray: '2 1.5' }),
              title: titleOf,
            },
          ),
        ),
        ...DATE_STATES.filter((state) => LOOKS[state].sign !== '').map((state) =>
          Plot.text(
            squares.filter((one) => one.state === state),
            {
              x: 'column',
              y: 'row',
              text: () => LOOKS[state].sign,
              fill: state === 'stale' ? 'var(--paper)' : 'var(--missing)',
              fontSize: 9,
              fontWeight: 'bold',
            },
          ),
        ),
      ],
    },
  );
};

const legend = (): Html =>
  html`<ul class="legend">
    ${DATE_STATES.map((state) => {
      const { fill, stroke, sign, means } = LOOKS[state];
      return html`<li>
        <svg width="14" height="14" aria-hidden="true">
          <rect
            x="1.5"
            y="1.5"
            width="11"
            height="11"
            rx="2"
            fill="${fill}"
            stroke="${stroke}"
            ${state === 'never read' ? html` stroke-dasharray="2 1.5"` : null}
          />
          ${sign ? html`<text x="7" y="10.5" text-anchor="middle" font-size="10" font-weight="bold" fill="${state === 'stale' ? 'var(--paper)' : 'var(--missing)'}">${sign}</text>` : null}
        </svg>
        <b>${state}</b> <span>${means}</span>
      </li>`;
    })}
  </ul>`;

/** Neighbours of one state, as ranges of dates. */
const rangesOf = (dates: readonly DateFreshness[]): { from: DateOnly; to: DateOnly; state: DateState }[] => {
  const ranges: { from: DateOnly; to: DateOnly; state: DateState }[] = [];
  for (const one of dates) {
    const state = leastSettled(one.accounts);
    const last = ranges.at(-1);
    if (last?.state === state) last.to = one.period.to;
    else ranges.push({ ...one.period, state });
  }
  return ranges;
};

const MOST_RANGES = 60;

const listed = (freshness: readonly DatasetFreshness[]): Html => {
  const ranges = freshness.flatMap(({ dataset, dates }) =>
    rangesOf(dates).map(({ state, ...dates }) => [describeDataset(dataset), range(dates), state]),
  );
  const left = ranges.length - MOST_RANGES;
  return html`${table(
    `The states of all ${periodWords(freshness).many}`,
    [{ name: 'Table' }, { name: 'Dates' }, { name: 'State' }],
    ranges.slice(0, MOST_RANGES),
  )}${left > 0 ? html`<p class="note">${plural(left, 'more range')} of dates: in the view <code>freshness</code>.</p>` : null}`;
};

const summary = (freshness: readonly DatasetFreshness[]): Html =>
  table(
    `${periodWords(freshness).many} by state`,
    [{ name: 'Table' }, { name: 'final up to' }, ...DATE_STATES.map(number)],
    freshness.map(({ dataset, dates }) => {
      const states = dates.map(({ accounts }) => leastSettled(accounts));
      const final = dates[states.lastIndexOf('final')];
      return [
        describeDataset(dataset),
        final ? day(final.period.to) : 'none',
        ...DATE_STATES.map((state) => count(states.filter((one) => one === state).length)),
      ];
    }),
  );

export const freshnessSection = ({ freshness, accounts }: ReportFacts): Section => {
  const shown = freshness.filter(({ dates }) => dates.length > 0);
  const left = shown.length - MOST_CALENDARS;
  const { one, many } = periodWords(freshness);
  return {
    id: 'freshness',
    title: `Which ${many} are final`,
    content:
      shown.length === 0
        ? nothing('No run has planned anything yet, so no date is wanted.')
        : html`${legend()}${accounts.count > 1 ? html`<p class="note">A ${one} counts as the least settled of its ad accounts.</p>` : null}
            <div class="calendars">${shown.slice(0, MOST_CALENDARS).map(calendar)}</div>
            ${left > 0 ? html`<p class="note">${plural(left, 'more table')} by breakdowns: in the list.</p>` : null}
            ${summary(shown)} ${details(`Every ${one}, as a list`, listed(shown))}`,
  };
};
