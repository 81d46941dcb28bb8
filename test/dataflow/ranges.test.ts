// Ranges of dates behave as the sets of days they stand for.
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { addDays, dateOfDay, dayNumber, type DateRange } from '../../src/dataflow/dates.js';
import { contains, merge, overlaps, subtract, subtractAll } from '../../src/dataflow/ranges.js';

const START = dayNumber('2026-02-20');
const range = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 12 }))
  .map(([from, more]): DateRange => ({ from: dateOfDay(START + from), to: dateOfDay(START + from + more) }));
const ranges = fc.array(range, { maxLength: 8 });

const daysOf = (...list: DateRange[]): Set<number> => {
  const days = new Set<number>();
  for (const { from, to } of list) for (let day = dayNumber(from); day <= dayNumber(to); day++) days.add(day);
  return days;
};
const sorted = (days: Iterable<number>): number[] => [...days].sort((a, b) => a - b);
const countOf = (list: readonly DateRange[]): number =>
  list.reduce((sum, each) => sum + daysOf(each).size, 0);

test('subtracting leaves exactly the days that no hole holds, each once', () => {
  fc.assert(
    fc.property(range, ranges, (whole, holes) => {
      const gone = daysOf(...holes);
      const left = subtractAll(whole, holes);
      expect(sorted(daysOf(...left))).toEqual(sorted([...daysOf(whole)].filter((day) => !gone.has(day))));
      expect(countOf(left)).toBe(daysOf(...left).size);
      expect(left.every(({ from, to }) => from <= to)).toBe(true);
    }),
  );
});

test('subtracting one range leaves at most two, and the range itself where they do not meet', () => {
  fc.assert(
    fc.property(range, range, (whole, hole) => {
      const left = subtract(whole, hole);
      expect(left.length).toBeLessThanOrEqual(2);
      expect(overlaps(whole, hole) || isDeepStrictEqual(left, [whole])).toBe(true);
      expect(left.some((part) => overlaps(part, hole))).toBe(false);
    }),
  );
});

test('the order in which holes are subtracted does not matter', () => {
  fc.assert(
    fc.property(range, ranges, (whole, holes) => {
      const there = subtractAll(whole, holes);
      const back = subtractAll(whole, [...holes].reverse());
      expect(sorted(daysOf(...back))).toEqual(sorted(daysOf(...there)));
    }),
  );
});

test('merging keeps the days and makes the fewest ranges of them, oldest first', () => {
  fc.assert(
    fc.property(ranges, (list) => {
      const before = structuredClone(list);
      const merged = merge(list);
      expect(list).toEqual(before);
      expect(sorted(daysOf(...merged))).toEqual(sorted(daysOf(...list)));
      const apart = merged.slice(1).every(({ from }, i) => from > addDays(merged[i]!.to, 1));
      expect(apart).toBe(true);
      expect(merge(merged)).toEqual(merged);
    }),
  );
});

test('overlapping and containing are what they are for sets of days', () => {
  fc.assert(
    fc.property(range, range, (a, b) => {
      const days = daysOf(a);
      const common = [...daysOf(b)].filter((day) => days.has(day)).length;
      expect(overlaps(a, b)).toBe(common > 0);
      expect(overlaps(b, a)).toBe(common > 0);
      expect(contains(a, b)).toBe(common === daysOf(b).size);
    }),
  );
});
