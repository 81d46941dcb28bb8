// Ways in which a row can be wrong, done to its JSON text. The row's own id is its first key.

export interface RowText {
  /** The object whose row it is: its key in a report. */
  id: string;
  text: string;
}

export const MALFORMATIONS = [
  'row-text-metric',
  'row-nested-metric',
  'row-lone-surrogate',
  'row-duplicate-key',
  'row-date-missing',
  'row-date-impossible',
  'row-id-missing',
  'row-foreign-id',
] as const;
export type Malformation = (typeof MALFORMATIONS)[number];

export const FOREIGN_ID = '999999999999999999';

/** The first metric: neither an id nor the hour. */
const METRIC = /"([A-Z_0-9]+)(?<!_ID|"HOUR)":(-?[\d.e+-]+)(?=[,}])/;

type Spoiler = (row: RowText) => RowText;
const inText =
  (pattern: RegExp, replacement: string): Spoiler =>
  ({ id, text }) => ({ id, text: text.replace(pattern, replacement) });

const SPOILERS: Record<Malformation, Spoiler> = {
  'row-text-metric': inText(METRIC, '"$1":"N/A"'),
  'row-nested-metric': inText(METRIC, '"$1":{"value":$2}'),
  'row-lone-surrogate': inText(METRIC, '"$1":"\\ud83d"'),
  'row-duplicate-key': inText(METRIC, '"$1":$2,"$1":1$2'),
  'row-date-missing': inText(/,"DATE":"[^"]*"/, ''),
  'row-date-impossible': inText(/"DATE":"[^"]*"/, '"DATE":"2026-02-30"'),
  'row-id-missing': inText(/^\{"[A-Z_]+":"?\d+"?,?/, '{'),
  'row-foreign-id': ({ text }: RowText) => ({
    id: FOREIGN_ID,
    text: text.replace(/^(\{"[A-Z_]+":"?)\d+/, (_, start: string) => start + FOREIGN_ID),
  }),
};

/** An order to spoil so many rows. */
export interface Spoilage {
  malformation: Malformation;
  rows: number;
}

/** Spoils the first rows of an answer, order after order, and passes on the rest. */
export function* spoilRows(rows: Iterable<RowText>, orders: readonly Spoilage[]): Iterable<RowText> {
  const left = orders.map((order) => ({ ...order }));
  for (const row of rows) {
    const order = left.find((candidate) => candidate.rows > 0);
    if (order) order.rows -= 1;
    yield order ? SPOILERS[order.malformation](row) : row;
  }
}
