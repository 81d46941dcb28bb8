// Set arithmetic on date ranges: merge, subtract, overlap.
import { addDays, earlier, later, type DateRange } from './dates.js';

export const overlaps = (a: DateRange, b: DateRange): boolean => a.from <= b.to && b.from <= a.to;

export const contains = (outer: DateRange, inner: DateRange): boolean =>
  outer.from <= inner.from && inner.to <= outer.to;

/** What is left of `range` without `hole`: none, one or two ranges. */
export const subtract = (range: DateRange, hole: DateRange): DateRange[] => {
  if (!overlaps(range, hole)) return [range];
  const left: DateRange[] = [];
  if (range.from < hole.from) left.push({ from: range.from, to: addDays(hole.from, -1) });
  if (hole.to < range.to) left.push({ from: addDays(hole.to, 1), to: range.to });
  return left;
};

export const subtractAll = (range: DateRange, holes: readonly DateRange[]): DateRange[] =>
  holes.reduce<DateRange[]>((left, hole) => left.flatMap((part) => subtract(part, hole)), [range]);

/** The same dates as the fewest ranges, oldest first. */
export const merge = (ranges: readonly DateRange[]): DateRange[] => {
  const merged: DateRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    const last = merged.at(-1);
    if (last && range.from <= addDays(last.to, 1)) {
      if (range.to > last.to) last.to = range.to;
    } else {
      merged.push({ ...range });
    }
  }
  return merged;
};

/** From the first date of some ranges, at least one, to the last. */
export const hull = (ranges: readonly DateRange[]): DateRange =>
  ranges.reduce(({ from, to }, range) => ({ from: earlier(from, range.from), to: later(to, range.to) }));
