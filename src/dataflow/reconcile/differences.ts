// Where the store and Pinterest differ: cells → one line for each object, column and run of neighbouring periods.
import type { ScopeRange } from '../coverage.js';
import { addDays, type DateRange } from '../dates.js';
import type { ObjectType } from '../object-types.js';

/**
 * - `restated`: the cell was not final when it was read; Pinterest has revised it since, or may have.
 * - `wrong`: anything else that one cell explains.
 * - `unexplained`: no single cell of the store does: Pinterest's days do not add up to its total, or the ad account has
 *   numbers of objects that its lists do not show.
 */
export type DifferenceKind = 'restated' | 'wrong' | 'unexplained';

export interface Difference extends DateRange {
  objectType: ObjectType;
  id: string;
  column: string;
  /** Sums over the dates; 0 where there is no row. */
  store: number;
  pinterest: number;
  kind: DifferenceKind;
}

/** A cell, or an object's total, in which a column differs; values in the order of the columns. */
export interface DifferingCell {
  id: string;
  period: DateRange;
  /** How many rows the store has of it. */
  rows: number;
  store: readonly number[];
  pinterest: readonly number[];
}

/** Doubles that were added up in another order may differ in the last digits. */
export const SAME = { absolute: 1e-6, relative: 1e-13 };

export const differ = (a: number, b: number): boolean =>
  Math.abs(a - b) > SAME.absolute + SAME.relative * Math.max(Math.abs(a), Math.abs(b));

/** @param cells of one object type, each object's oldest first */
export const differencesOf = (
  objectType: ObjectType,
  columns: readonly string[],
  cells: readonly DifferingCell[],
  kindOf: (cell: DifferingCell) => DifferenceKind,
): Difference[] => {
  const differences: Difference[] = [];
  const open = new Map<string, Difference>();
  for (const cell of cells) {
    const { id, store, pinterest } = cell;
    const { from, to } = cell.period;
    const kind = kindOf(cell);
    columns.forEach((column, i) => {
      const [ours, theirs] = [store[i]!, pinterest[i]!];
      if (!differ(ours, theirs)) return;
      const key = `${id} ${column} ${kind}`;
      const before = open.get(key);
      if (before && addDays(before.to, 1) === from) {
        before.to = to;
        before.store += ours;
        before.pinterest += theirs;
        return;
      }
      const difference = { objectType, id, from, to, column, store: ours, pinterest: theirs, kind };
      open.set(key, difference);
      differences.push(difference);
    });
  }
  return differences;
};

export const scopesOf = (cells: readonly DifferingCell[]): ScopeRange[] =>
  cells.map(({ id, period }) => ({ scope: id, ...period }));

/** Differences that an answer lists. */
export const DIFFERENCES_LISTED = 500;

const RANK: readonly DifferenceKind[] = ['wrong', 'unexplained', 'restated'];

/** What a person has to see first: wrong before restated, newest dates first. */
export const byWeight = (a: Difference, b: Difference): number =>
  RANK.indexOf(a.kind) - RANK.indexOf(b.kind) || (a.to === b.to ? 0 : a.to > b.to ? -1 : 1);
