// What was wrong with a list that was read all the same: told in the run's record, one sentence for each kind.
import type { RunError } from './flow-run.js';

/** How many things were of no use, and the first of them in one short line. */
export interface LeftOut {
  count: number;
  first: string;
}

export interface ListProblems {
  /** Items that are not what they should be. */
  items: LeftOut | null;
  /** Values that do not fit their columns; their objects are kept without them. */
  values: LeftOut | null;
  /** Why the list was not read to the end that it claims to have. */
  cutShort: string | null;
}

export const NO_PROBLEMS: ListProblems = { items: null, values: null, cutShort: null };

export const addLeftOut = (a: LeftOut | null, b: LeftOut | null): LeftOut | null =>
  a && b ? { count: a.count + b.count, first: a.first } : (a ?? b);

export const addProblems = (a: ListProblems, b: ListProblems): ListProblems => ({
  items: addLeftOut(a.items, b.items),
  values: addLeftOut(a.values, b.values),
  cutShort: a.cutShort ?? b.cutShort,
});

const counted = ({ count, first }: LeftOut, one: string): string =>
  count === 1 ? `1 ${one} (${first}) is` : `${count} ${one}s (the first: ${first}) are`;

/** @param what the list is of: "campaigns of ad account 549755885175" */
export const tellProblems = (what: string, { items, values, cutShort }: ListProblems): RunError[] => {
  const errors: RunError[] = [];
  if (items) {
    const message = `In Pinterest's list of ${what}, ${counted(items, 'item')} not what the API promises and left out`;
    errors.push({ code: 'ItemsLeftOut', message });
  }
  if (values) {
    const message = `In Pinterest's list of ${what}, ${counted(values, 'value')} nothing that the store can hold and left out`;
    errors.push({ code: 'ValuesLeftOut', message });
  }
  if (cutShort !== null) {
    const message = `Pinterest's list of ${what} was not read any further: ${cutShort}. What was read is kept`;
    errors.push({ code: 'ListCutShort', message });
  }
  return errors;
};
