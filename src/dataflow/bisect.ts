// A chunk that proved too big, or that Pinterest refused, is cut in two: a smaller question may be answered.
import type { Chunk } from './chunk.js';
import { limitsOf } from './guardrails.js';
import { addDays, earlier, type DateOnly, type DateRange } from './dates.js';

/** Ids one report may name; the same in every profile. */
const REPORT_IDS = limitsOf('current', 'report', 'DAY').ids;

/** Cuts between two periods, the newer part first; undefined if it holds only one. */
const cutDates = (
  chunk: Chunk,
  periods: readonly DateRange[],
  today: DateOnly,
  olderPeriods: (all: number) => number,
): Chunk[] | undefined => {
  const inside = periods.filter((period) => period.from >= chunk.from && period.from <= chunk.to);
  if (inside.length < 2) return undefined;
  const older = olderPeriods(inside.length);
  const middle = inside[older]!.from;
  const rowsPerPeriod = chunk.rows / inside.length;
  const half = (from: DateOnly, to: DateOnly, count: number): Chunk => ({
    ...chunk,
    part: true,
    from,
    to,
    rows: Math.round(rowsPerPeriod * count),
  });
  return [
    half(middle, earlier(chunk.to, today), inside.length - older),
    half(chunk.from, addDays(middle, -1), older),
  ];
};

/** The oldest period apart from the others, which come first. */
export const cutOffOldest = (
  chunk: Chunk,
  periods: readonly DateRange[],
  today: DateOnly,
): Chunk[] | undefined => cutDates(chunk, periods, today, () => 1);

/** Cuts the ids in two; `known` is what the chunk's `all` or `wanted` stands for. */
export const cutIds = (chunk: Chunk, known: readonly string[]): Chunk[] | undefined => {
  const ids = typeof chunk.ids === 'string' ? known : chunk.ids;
  if (ids.length < 2) return undefined;
  const middle = Math.ceil(ids.length / 2);
  const calls = chunk.method === 'analytics' ? 1 : chunk.apiCalls;
  const { idsPerCall: _, ...rest } = chunk;
  const limit = chunk.method === 'report' ? REPORT_IDS : (chunk.idsPerCall ?? ids.length);
  const half = (part: string[]): Chunk => ({
    ...rest,
    part: true,
    ids: part,
    apiCalls: calls,
    rows: Math.round((chunk.rows * part.length) / ids.length),
  });
  const parts: Chunk[] = [];
  for (const side of [ids.slice(0, middle), ids.slice(middle)]) {
    for (let at = 0; at < side.length; at += limit) parts.push(half(side.slice(at, at + limit)));
  }
  return parts;
};

/**
 * Ids first, then dates; dates first if no ids are named. Undefined for a single cell, which cannot be cut.
 */
export const bisect = (
  chunk: Chunk,
  ids: readonly string[],
  periods: readonly DateRange[],
  today: DateOnly,
): Chunk[] | undefined => {
  const byIds = (): Chunk[] | undefined => cutIds(chunk, ids);
  const byDates = (): Chunk[] | undefined => cutDates(chunk, periods, today, (all) => Math.ceil(all / 2));
  return typeof chunk.ids === 'string' ? (byDates() ?? byIds()) : (byIds() ?? byDates());
};
