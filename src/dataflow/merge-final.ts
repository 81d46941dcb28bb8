// Final cells in few rows of coverage, however many days they were read on.
import {
  joined,
  settleDays,
  type CoverageRow,
  type FreshnessCriteria,
  type KnownObject,
} from './coverage.js';
import { addDays, dateOf, dayNumber, midnightMs, type DateOnly } from './dates.js';

/** How many days earlier a final cell may count as asked for than it was, so that coverage has fewer rows. */
const MOST_DAYS_LOST = 7;

/** Days from a row's last day, or its first, to when that was asked for. */
const daysAfter = (row: CoverageRow, day: DateOnly): number =>
  row.askedAfterDays ?? dayNumber(dateOf(row.askedForMs)) - dayNumber(day);

/** Of two rows under `*`: when the catalogue was read that both knew; undefined if one knew an object that the other did not. */
const knownToBoth = (
  a: CoverageRow,
  b: CoverageRow,
  objects: readonly KnownObject[] | null,
): number | null | undefined => {
  if (a.knownIdsAtMs === b.knownIdsAtMs) return a.knownIdsAtMs;
  if (a.knownIdsAtMs === null || b.knownIdsAtMs === null || objects === null) return undefined;
  const [before, after] = [a.knownIdsAtMs, b.knownIdsAtMs].sort((x, y) => x - y) as [number, number];
  return objects.some(({ firstSeenMs }) => before < firstSeenMs && firstSeenMs <= after) ? undefined : before;
};

/**
 * Final cells of neighbouring dates in one row, though they were asked for on different days: else a dataflow that runs
 * every day would come to a row for each object and day. Each counts as asked for no later than it was, and as final as
 * long as `restateDays` stays as it is. Left alone is what was asked for in this run, and what would lose more than a
 * week: of a backfill, how old its cells were is worth knowing if `restateDays` grows.
 * @param objects those that are wanted; null if the catalogue has not been read
 */
export const mergeFinal = (
  rows: readonly CoverageRow[],
  {
    granularity,
    restateDays,
    freshSinceMs,
  }: Pick<FreshnessCriteria, 'granularity' | 'restateDays' | 'freshSinceMs'>,
  objects: readonly KnownObject[] | null,
): CoverageRow[] =>
  joined(rows, granularity, (a, b) => {
    const both = [a, b];
    if (both.some((row) => !row.complete || row.askedForMs >= freshSinceMs)) return undefined;
    const days = Math.min(...both.map((row) => daysAfter(row, row.to)));
    if (days < settleDays(restateDays)) return undefined;
    if (both.some((row) => daysAfter(row, row.from) - days > MOST_DAYS_LOST)) return undefined;
    const knownIdsAtMs = knownToBoth(a, b, objects);
    if (knownIdsAtMs === undefined) return undefined;
    const askedForMs = midnightMs(addDays(b.to, days));
    return { ...a, to: b.to, knownIdsAtMs, askedAfterDays: days, askedForMs };
  });
