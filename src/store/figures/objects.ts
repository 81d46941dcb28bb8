// The objects with the largest numbers, of the highest object type that a dataflow lists.
import type { DateRange } from '../../dataflow/dates.js';
import type { KeyFigure } from '../../dataflow/key-figures.js';
import { factsOf, OBJECT_TYPES, type ListedType } from '../../dataflow/object-types.js';
import { storeName } from '../../dataflow/columns.js';
import { highest, type DatasetFreshness } from './freshness.js';
import { inWindow, windowOf } from './numbers.js';
import {
  accountJoin,
  figuresIn,
  sumList,
  sumsOf,
  tableIn,
  textOrNull,
  totalList,
  type DataflowSchema,
  type Sums,
} from './schema.js';

export interface RankedObject {
  /** Null, as id and currency, for all that are not listed together. */
  id: string | null;
  name: string | null;
  currency: string | null;
  sums: Sums;
  /** How many objects these are. */
  count: number;
}

export interface Objects {
  objectType: ListedType;
  window: DateRange;
  figures: KeyFigure[];
  /** Ranked by `figures[rankedBy]`: money only if all is of one currency. */
  rankedBy: number;
  /** Twelve at most, then the rest as one, without money of several currencies. */
  ranked: RankedObject[];
}

export const MOST_RANKED = 12;

/** The figure that parts are ranked by: the first one that may be added up and compared over all currencies. */
export const rankingFigure = (figures: readonly KeyFigure[], currencies: number): number => {
  const at = figures.findIndex(({ money }) => currencies <= 1 || !money);
  return at === -1 ? 0 : at;
};

/** @param currencies how many the wanted ad accounts have */
export const readObjects = async (
  schema: DataflowSchema,
  freshness: readonly DatasetFreshness[],
  currencies: number,
): Promise<Objects | null> => {
  const dataset = highest(freshness, OBJECT_TYPES);
  if (!dataset) return null;
  const figures = figuresIn(schema, dataset.table);
  if (figures.length === 0) return null;
  const objectType = dataset.dataset.objectType as ListedType;
  const id = storeName(factsOf(objectType).idColumn);
  const rankedBy = rankingFigure(figures, currencies);
  const rows = await schema.session.all(
    `WITH sums AS (
       SELECT r.ad_account_id, r.${id} AS id, ${sumList(figures)}
       FROM ${tableIn(schema, dataset.table)} r WHERE ${inWindow(dataset)} GROUP BY r.ad_account_id, r.${id}
     ), ranked AS (
       SELECT *, row_number() OVER (ORDER BY coalesce(f${rankedBy}, 0) DESC, id) AS place FROM sums
     ), told AS (
       SELECT CASE WHEN place <= ${MOST_RANKED} THEN place END AS place,
         CASE WHEN place <= ${MOST_RANKED} THEN ad_account_id END AS ad_account_id,
         CASE WHEN place <= ${MOST_RANKED} THEN id END AS id,
         count(*) AS count, ${totalList(figures)}
       FROM ranked GROUP BY 1, 2, 3
     )
     SELECT r.*, object.name, account.currency
     FROM told r LEFT JOIN ${tableIn(schema, objectType)} object ON object.ad_account_id = r.ad_account_id AND object.id = r.id
     ${accountJoin(schema)} ORDER BY r.place NULLS LAST`,
  );
  return {
    objectType,
    window: windowOf(dataset),
    figures,
    rankedBy,
    ranked: rows.map((row) => {
      const isRest = row['id'] === null;
      const sums = sumsOf(row, figures);
      return {
        id: textOrNull(row['id']),
        name: textOrNull(row['name']),
        currency: textOrNull(row['currency']),
        sums: isRest && currencies > 1 ? sums.map((sum, i) => (figures[i]!.money ? null : sum)) : sums,
        count: Number(row['count']),
      };
    }),
  };
};
