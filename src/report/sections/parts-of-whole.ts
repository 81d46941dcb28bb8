// Where the numbers come from: the largest objects, and the largest values of each breakdown, as bars.
import { plural } from '../../number-words.js';
import type { KeyFigure } from '../../dataflow/key-figures.js';
import { factsOf } from '../../dataflow/object-types.js';
import type { Breakdown } from '../../store/figures/breakdowns.js';
import type { Objects } from '../../store/figures/objects.js';
import { figure, Plot } from '../chart.js';
import type { ReportFacts } from '../facts.js';
import { html, type Html } from '../html.js';
import { details, nothing, number, table, type Head, type Section } from '../parts.js';
import { amount, inWords, range, roughly } from '../words.js';

interface Bar {
  name: string;
  value: number;
}

/** In ems: as long as the chart is wide. Names differ at their ends as often as at their beginnings, so the middle goes. */
const LONGEST_NAME = 30;
const BAR_HEIGHT = 32;

/** Bars in the order that they are given in, each below its name; two may have one name. */
const bars = (caption: Html, label: string, of: KeyFigure, given: readonly Bar[]): Html => {
  const placed = given.map((bar, place) => ({ ...bar, place }));
  return figure(caption, label, {
    height: BAR_HEIGHT * given.length,
    marginLeft: 0,
    marginRight: 44,
    marginTop: 0,
    marginBottom: 0,
    x: { axis: null, domain: [0, Math.max(...given.map(({ value }) => value)) || 1] },
    y: { type: 'band', axis: null, padding: 0 },
    marks: [
      Plot.barX(placed, {
        x: 'value',
        y: 'place',
        insetTop: 16,
        insetBottom: 6,
        fill: 'var(--line)',
        title: 'name',
      }),
      Plot.text(placed, {
        y: 'place',
        text: 'name',
        frameAnchor: 'left',
        textAnchor: 'start',
        dy: -8,
        fill: 'var(--ink)',
        lineWidth: LONGEST_NAME,
        textOverflow: 'ellipsis-middle',
        title: 'name',
      }),
      Plot.text(placed, {
        x: 'value',
        y: 'place',
        text: ({ value }: Bar) => roughly(value, of),
        textAnchor: 'start',
        dx: 5,
        dy: 5,
      }),
    ],
  });
};

const unitOf = ({ label, money }: KeyFigure, currency: string | null): string =>
  money && currency ? `${label}, ${currency}` : label;

const numbers = (figures: readonly KeyFigure[]): Head[] => figures.map(({ label }) => number(label));

export const objectsSection = ({ objects }: ReportFacts): Section => {
  const content = ({ objectType, figures, rankedBy, ranked, window }: Objects): Html => {
    const [one, many] = factsOf(objectType).nouns;
    const by = figures[rankedBy]!;
    const listed = ranked.filter(({ id }) => id !== null);
    const [currency] = listed.map(({ currency }) => currency);
    const nameOf = ({ name, id, count }: Objects['ranked'][number]): string =>
      id === null ? plural(count, 'other') : (name ?? id);
    const unit = unitOf(by, currency ?? null);
    return html`<p>${range(window)}, by ${unit}.</p>
      ${bars(
        html`<b>${unit}</b> <span class="note">by ${one}</span>`,
        `The ${many} with the most of ${unit}; the same as a table stands below`,
        by,
        listed.map((object) => ({ name: nameOf(object), value: object.sums[rankedBy] ?? 0 })),
      )}
      ${details(
        `All key figures of these ${many}`,
        table(
          `The largest ${many}`,
          [{ name: one }, { name: 'id' }, { name: 'currency' }, ...numbers(figures)],
          ranked.map((object) => [
            nameOf(object),
            object.id ?? '',
            object.currency ?? '',
            ...object.sums.map((sum, i) => amount(sum, figures[i]!)),
          ]),
        ),
      )}`;
  };
  const many = objects ? factsOf(objects.objectType).nouns[1] : 'objects';
  return {
    id: 'objects',
    title: `Largest ${many}`,
    content:
      objects && objects.ranked.length > 0
        ? content(objects)
        : nothing('No numbers of campaigns, ad groups or ads are read yet.'),
  };
};

export const breakdownsSection = ({ breakdowns, accounts }: ReportFacts): Section => {
  const [account] = accounts.listed;
  const one = ({ type, figures, rankedBy, values, valuesLeftOut, table: name }: Breakdown): Html => {
    const unit = unitOf(figures[rankedBy]!, account?.currency ?? null);
    const left =
      valuesLeftOut > 0
        ? ` The ${plural(values.length, 'largest value')}; ${plural(valuesLeftOut, 'other')} not shown.`
        : '';
    return html`<div>
      ${bars(
        html`<b>${inWords(type)}</b> <span class="note">${unit}.${left}</span>`,
        `${unit} by ${inWords(type)}; the same as a table stands below`,
        figures[rankedBy]!,
        values.map(({ value, sums }) => ({ name: value, value: sums[rankedBy] ?? 0 })),
      )}${details(
        `All key figures by ${inWords(type)}`,
        table(
          `${name} by ${type}`,
          [{ name: inWords(type) }, ...numbers(figures)],
          values.map(({ value, sums }) => [value, ...sums.map((sum, i) => amount(sum, figures[i]!))]),
        ),
      )}
    </div>`;
  };
  const shown = breakdowns.filter(({ values }) => values.length > 0);
  return {
    id: 'breakdowns',
    title: 'Breakdowns',
    content:
      breakdowns.length === 0
        ? nothing('This dataflow reads no breakdowns; "breakdowns" in an object entry of its spec adds them.')
        : shown.length === 0
          ? nothing('No rows by breakdowns are read yet.')
          : html`<p>
                ${range(shown[0]!.window)}. Values of a breakdown need not add up to the whole: Pinterest does
                not know everybody's age or place.
              </p>
              <div class="charts">${shown.map(one)}</div>`,
  };
};
