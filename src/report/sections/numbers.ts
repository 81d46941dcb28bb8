// Key figures over the window: their sums, rates of those sums, and each by day with the tail that may still change.
import { plural } from '../../number-words.js';
import { leastSettled, type DateState } from '../../dataflow/date-state.js';
import type { DateOnly, DateRange } from '../../dataflow/dates.js';
import type { KeyFigure } from '../../dataflow/key-figures.js';
import type { DatasetFreshness } from '../../store/figures/freshness.js';
import type { CurrencyNumbers, Numbers } from '../../store/figures/numbers.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Section } from '../parts.js';
import { periodWords, type PeriodWords } from '../periods.js';
import { amount, atMidnight, compact, day, NOTHING, percent, range, roughly } from '../words.js';

/** The numbers of a date, week, month or total. */
interface PeriodNumbers {
  date: DateOnly;
  period: DateRange;
  state: DateState;
  /** 0 if it was read and has no row; null if it was never read, or no row of the table has a value. */
  values: (number | null)[];
}

/** False if there are rows, and none has a value of the figure: Pinterest gives no conversions by hour. */
const hasValues = (dates: CurrencyNumbers['dates'], i: number): boolean =>
  dates.length === 0 || dates.some(({ sums }) => sums[i] !== null);

const periodsOf = (
  numbers: Numbers,
  { dates }: CurrencyNumbers,
  { dates: wanted }: DatasetFreshness,
): PeriodNumbers[] => {
  const held = new Map(dates.map(({ date, sums }) => [date, sums]));
  return wanted.map(({ date, period, accounts }) => {
    const state = leastSettled(accounts);
    const absent = (i: number): 0 | null => (state === 'never read' || !hasValues(dates, i) ? null : 0);
    return { date, period, state, values: numbers.figures.map((_, i) => held.get(date)?.[i] ?? absent(i)) };
  });
};

/** Null if there is no value at all. */
const sumOf = (days: readonly PeriodNumbers[], i: number): number | null =>
  days.reduce<number | null>(
    (sum, { values: { [i]: value } }) => (value == null ? sum : (sum ?? 0) + value),
    null,
  );

const settledness = (all: number, unsettled: number, open: number): string => {
  if (open === 0) return 'final';
  return all === 0 ? 'not final' : `${percent(unsettled / all)} of it not final`;
};

const labelOf = ({ label, money }: KeyFigure, currency: string | null): string =>
  money ? `${label}, ${currency ?? 'in the currency of the ad account'}` : label;

/** Quotients of sums: never means of rates. */
const RATES = [
  { name: 'CTR', means: 'clicks ÷ impressions', of: 'clickthrough_1', per: 'impression_1', show: percent },
  { name: 'CPC', means: 'spend ÷ clicks', of: 'spend_in_micro_dollar', per: 'clickthrough_1' },
  {
    name: 'CPM',
    means: 'spend ÷ 1,000 impressions',
    of: 'spend_in_micro_dollar',
    per: 'impression_1',
    times: 1000,
  },
  {
    name: 'ROAS',
    means: 'checkout value ÷ spend',
    of: 'total_checkout_value_in_micro_dollar',
    per: 'spend_in_micro_dollar',
    show: (value: number): string => value.toFixed(2),
  },
];

const tile = (name: string, value: string, note: string): Html =>
  html`<div>
    <dt>${name}</dt>
    <dd><b>${value}</b><span class="note">${note}</span></dd>
  </div>`;

const tiles = ({ figures }: Numbers, days: readonly PeriodNumbers[], currency: string | null): Html => {
  const open = days.filter(({ state }) => state !== 'final');
  const sums = new Map(figures.map(({ column }, i) => [column, sumOf(days, i)]));
  return html`<dl class="tiles">
    ${figures.map((one, i) => {
      const all = sumOf(days, i);
      if (all === null) return tile(labelOf(one, currency), NOTHING, 'no row has a value');
      return tile(
        labelOf(one, currency),
        all >= 100_000 ? compact(all) : amount(all, one),
        settledness(all, sumOf(open, i) ?? 0, open.length),
      );
    })}${RATES.map(({ name, means, of, per, times = 1, show }) => {
      const [one, other] = [sums.get(of), sums.get(per)];
      if (one == null || !other) return null;
      const value = (one / other) * times;
      return tile(
        show ? name : `${name}${currency ? `, ${currency}` : ''}`,
        show ? show(value) : amount(value, { money: true }),
        means,
      );
    })}
  </dl>`;
};

interface Point {
  at: Date;
  value: number | null;
}

/** Where dates that are not final begin at the end of the window; undefined if the newest is final. */
const tailFrom = (days: readonly PeriodNumbers[]): number | undefined => {
  const last = days.findLastIndex(({ state }) => state === 'final');
  return last === days.length - 1 ? undefined : last + 1;
};

const chart = (
  one: KeyFigure,
  i: number,
  days: readonly PeriodNumbers[],
  currency: string | null,
  words: PeriodWords,
): Html => {
  const points = days.map(({ date, values }): Point => ({ at: atMidnight(date), value: values[i] ?? null }));
  const tail = tailFrom(days);
  const settled = tail === undefined ? points : points.slice(0, tail);
  // The dashed line begins where the solid one ends.
  const open = tail === undefined ? [] : points.slice(Math.max(0, tail - 1));
  const [from, to] = [days[0]!.date, days.at(-1)!.date];
  const most = Math.max(0, ...points.map(({ value }) => value ?? 0));
  const label = labelOf(one, currency);
  const line = { x: 'at', y: 'value', strokeWidth: 1.5, stroke: 'var(--line)' } as const;
  return figure(
    html`<b>${label}</b>
      <span class="note">${most > 0 ? `up to ${roughly(most, one)} ${words.each}` : 'none'}</span>`,
    `${label} ${words.shown}, ${range({ from, to })}, up to ${amount(most, one)}${tail === undefined ? '' : `; not final from ${day(days[tail]!.date)} on`}`,
    {
      height: 178,
      marginLeft: 44,
      // Half a tick's label stands beyond the last date.
      marginRight: 14,
      marginTop: 14,
      marginBottom: 34,
      x: { type: 'utc', label: null },
      y: { zero: true, nice: true, label: null, domain: [0, most || 1] },
      marks: [
        ...(tail === undefined
          ? []
          : [
              Plot.rect([0], {
                x1: () => atMidnight(days[Math.max(0, tail - 1)]!.date),
                x2: () => atMidnight(to),
                fill: 'url(#tail)',
              }),
              Plot.text(['not final'], {
                frameAnchor: 'top-right',
                dy: -12,
                fill: 'var(--provisional-text)',
              }),
            ]),
        Plot.axisY({ ticks: 4, tickSize: 0, tickFormat: compact, label: null }),
        Plot.gridY({ ticks: 4, stroke: 'var(--rule)', strokeOpacity: 1 }),
        Plot.axisX({ ticks: 6, tickSize: 4, label: null }),
        Plot.areaY(settled, { x: 'at', y: 'value', fill: 'var(--line)', fillOpacity: 0.12 }),
        Plot.lineY(settled, line),
        Plot.lineY(open, { ...line, strokeDasharray: '3 2' }),
        Plot.ruleY([0], { stroke: 'var(--muted)' }),
        ...(points.length <= 31
          ? [Plot.dot(points, { x: 'at', y: 'value', r: 2.5, fill: 'var(--line)' })]
          : []),
      ],
    },
  );
};

const listed = (
  { figures }: Numbers,
  days: readonly PeriodNumbers[],
  currency: string | null,
  words: PeriodWords,
): Html =>
  table(
    `Numbers ${words.shown}${currency ? `, ${currency}` : ''}`,
    [{ name: words.one }, { name: 'State' }, ...figures.map((one) => number(labelOf(one, currency)))],
    days
      .toReversed()
      .map(({ period, state, values }) => [
        range(period),
        state,
        ...values.map((value, i) => (value === null ? NOTHING : amount(value, figures[i]!))),
      ]),
  );

const ofCurrency = (
  numbers: Numbers,
  one: CurrencyNumbers,
  dataset: DatasetFreshness,
  alone: boolean,
): Html => {
  const days = periodsOf(numbers, one, dataset);
  const { currency, accounts } = one;
  const words = periodWords([dataset]);
  return html`${alone ? null : html`<h3>${currency ?? 'Currency not known'}, ${plural(accounts, 'ad account')}</h3>`}
  ${tiles(numbers, days, currency)}
  ${days.length > 1 ? html`<div class="charts">${numbers.figures.map((figure, i) => (sumOf(days, i) === null ? null : chart(figure, i, days, currency, words)))}</div>` : null}
  ${details(`These numbers ${words.shown}`, listed(numbers, days, currency, words))}`;
};

export const numbersSection = ({ numbers, freshness }: ReportFacts): Section => {
  const dataset = freshness.find(
    ({ table, dataset }) => table === numbers?.table && dataset.breakdown === undefined,
  );
  const { one, shown } = periodWords(freshness);
  const content = (): Html => {
    if (!numbers || !dataset) return nothing('No numbers that add up are read yet.');
    if (numbers.currencies.every(({ dates }) => dates.length === 0))
      return nothing(`The table ${numbers.table} has no rows from ${range(numbers.window)}.`);
    return html`<p>
        ${range(numbers.window)}, summed over all rows of <code>${numbers.table}</code>.
        ${dataset.dates.length > 1 ? `Dashed: numbers that Pinterest may still revise, or that the next run reads. A ${one} without a row counts as 0 if it was read.` : null}
      </p>
      ${numbers.currencies.map((one) => ofCurrency(numbers, one, dataset, numbers.currencies.length === 1))}
      ${numbers.currenciesLeftOut > 0 ? html`<p class="note">${plural(numbers.currenciesLeftOut, 'more currency', 'more currencies')} of fewer ad accounts: not shown.</p>` : null}`;
  };
  return { id: 'numbers', title: `Numbers ${shown}`, content: content() };
};
