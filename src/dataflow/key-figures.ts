// The few columns that a report shows of a dataflow: of each kind that people look for first, the one that it reads.
import { isKnownColumn, storeName, whyNotAdded } from './columns.js';

/** A column that adds up over objects and days. */
export interface KeyFigure {
  /** In the store: `spend_in_micro_dollar`. */
  column: string;
  /** For a person: `Spend`. */
  label: string;
  /** What its values are divided by, to be in units. */
  divisor: number;
  /** In the ad account's currency. */
  money: boolean;
}

/** Of each kind, what is preferred comes first: paid alone, as Ads Manager shows it, before paid and earned together. */
const KINDS: readonly (readonly (readonly [column: string, label: string])[])[] = [
  [
    ['SPEND_IN_MICRO_DOLLAR', 'Spend'],
    ['SPEND_IN_DOLLAR', 'Spend'],
  ],
  [
    ['IMPRESSION_1', 'Impressions, paid'],
    ['PAID_IMPRESSION', 'Impressions, paid'],
    ['TOTAL_IMPRESSION', 'Impressions, paid and earned'],
  ],
  [
    ['CLICKTHROUGH_1', 'Clicks, paid'],
    ['TOTAL_CLICKTHROUGH', 'Clicks, paid and earned'],
    ['OUTBOUND_CLICK_1', 'Outbound clicks, paid'],
  ],
  [
    ['TOTAL_CONVERSIONS', 'Conversions'],
    ['TOTAL_CONVERSIONS_QUANTITY', 'Conversions'],
  ],
  [['TOTAL_CHECKOUT', 'Checkouts']],
  [['TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR', 'Checkout value']],
  [
    ['ENGAGEMENT_1', 'Engagements, paid'],
    ['TOTAL_ENGAGEMENT', 'Engagements, paid and earned'],
  ],
  [['TOTAL_VIDEO_MRC_VIEWS', 'Video views']],
];

const MOST_SHOWN = 6;

const figureOf = (column: string, label: string): KeyFigure => ({
  column: storeName(column),
  label,
  divisor: column.endsWith('_IN_MICRO_DOLLAR') ? 1e6 : 1,
  money: /_IN_(MICRO_)?DOLLAR$/.test(column),
});

/** Columns that no kind names, under their own names. */
const others = (columns: readonly string[]): KeyFigure[] =>
  columns
    .filter((column) => isKnownColumn(column) && whyNotAdded(column) === null)
    .map((column) => figureOf(column, column));

/**
 * Six at most, the first the one that objects are ranked by.
 * @param columns as in Pinterest's API
 */
export const keyFiguresOf = (columns: readonly string[]): KeyFigure[] => {
  const found = KINDS.flatMap((kind) => kind.filter(([column]) => columns.includes(column)).slice(0, 1));
  const figures =
    found.length > 0 ? found.map(([column, label]) => figureOf(column, label)) : others(columns);
  return figures.slice(0, MOST_SHOWN);
};
