// Key figures by targeting value, of each breakdown that a dataflow reads, at the highest object type that reads it.
import type { DateRange } from '../../dataflow/dates.js';
import type { KeyFigure } from '../../dataflow/key-figures.js';
import type { DatasetFreshness } from './freshness.js';
import { inWindow, windowOf } from './numbers.js';
import { MOST_RANKED, rankingFigure } from './objects.js';
import { figuresIn, sumList, sumsOf, tableIn, type DataflowSchema, type Sums } from './schema.js';

export interface Breakdown {
  /** Pinterest's targeting type: `AGE_BUCKET`. */
  type: string;
  table: string;
  window: DateRange;
  figures: KeyFigure[];
  /** As of `Objects`. */
  rankedBy: number;
  /** Twelve at most. */
  values: { value: string; sums: Sums }[];
  valuesLeftOut: number;
}

const readOne = async (
  schema: DataflowSchema,
  dataset: DatasetFreshness,
  type: string,
  currencies: number,
): Promise<Breakdown | undefined> => {
  const figures = figuresIn(schema, dataset.table);
  if (figures.length === 0) return undefined;
  const shown = currencies > 1 ? figures.filter(({ money }) => !money) : figures;
  if (shown.length === 0) return undefined;
  const rankedBy = rankingFigure(shown, 1);
  const rows = await schema.session.all(
    `WITH sums AS (
       SELECT r.targeting_value AS value, ${sumList(shown)} FROM ${tableIn(schema, dataset.table)} r
       WHERE r.targeting_type = $1 AND ${inWindow(dataset)} GROUP BY r.targeting_value
     )
     SELECT *, count(*) OVER () AS total FROM sums ORDER BY coalesce(f${rankedBy}, 0) DESC, value LIMIT ${MOST_RANKED}`,
    [type],
  );
  return {
    type,
    table: dataset.table,
    window: windowOf(dataset),
    figures: shown,
    rankedBy,
    values: rows.map((row) => ({ value: String(row['value']), sums: sumsOf(row, shown) })),
    valuesLeftOut: Math.max(0, Number(rows[0]?.['total'] ?? 0) - MOST_RANKED),
  };
};

/**
 * One for each targeting type.
 * @param currencies how many the wanted ad accounts have
 */
export const readBreakdowns = async (
  schema: DataflowSchema,
  freshness: readonly DatasetFreshness[],
  currencies: number,
): Promise<Breakdown[]> => {
  const found = new Map<string, Breakdown>();
  for (const one of freshness) {
    const { breakdown } = one.dataset;
    if (breakdown === undefined || found.has(breakdown) || one.dates.length === 0) continue;
    const read = await readOne(schema, one, breakdown, currencies);
    if (read) found.set(breakdown, read);
  }
  return [...found.values()];
};
