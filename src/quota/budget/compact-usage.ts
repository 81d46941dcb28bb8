// Keeps the memory of spent calls small: neighbours become one entry, which ends when the later of them does.
import { LEASE_CLASSES, type Usage } from './budget-state.js';
import type { QuotaLimit } from '../limits.js';

/** Entries that may be kept as they are, over all dataflows. */
export const MOST_ENTRIES = 1_500;

const entries = (usages: readonly Usage[]): number =>
  usages.reduce((sum, usage) => sum + usage.spent.length, 0);

/** Joins entries that count under the same limits and lie within `part` of the shortest of their windows. */
const joined = (usage: Usage, windowsMs: readonly number[], part: number, nowMs: number): Usage => {
  const shortestWindow = (endMs: number): number =>
    Math.min(...windowsMs.filter((windowMs) => endMs + windowMs >= nowMs));
  const spent: Usage['spent'] = [];
  let startMs = 0;
  for (const [endMs, calls] of usage.spent.toSorted(([one], [other]) => one - other)) {
    const last = spent.at(-1);
    const windowMs = shortestWindow(startMs);
    if (last && windowMs === shortestWindow(endMs) && endMs - startMs <= windowMs * part) {
      spent[spent.length - 1] = [endMs, last[1] + calls];
    } else {
      spent.push([endMs, calls]);
      startMs = endMs;
    }
  }
  return { ...usage, spent };
};

/** Stands for dataflows that are too many to be told apart. */
const OTHERS = '(other dataflows)';

/** Sums up those whose last call is longest ago under one name. */
const summedUp = (usages: readonly Usage[], windowsMs: readonly number[], nowMs: number): Usage[] => {
  const lastMs = (usage: Usage): number => Math.max(...usage.spent.map(([endMs]) => endMs));
  const latestFirst = usages.toSorted((one, other) => lastMs(other) - lastMs(one));
  const rest = latestFirst.slice(MOST_ENTRIES / 2);
  const others = LEASE_CLASSES.map((each) => ({
    dataflow: OTHERS,
    class: each,
    spent: rest.filter((usage) => usage.class === each).flatMap((usage) => usage.spent),
  })).filter(({ spent }) => spent.length > 0);
  return [
    ...latestFirst.slice(0, MOST_ENTRIES / 2),
    ...others.map((usage) => joined(usage, windowsMs, 0.05, nowMs)),
  ];
};

/**
 * No call stops counting early; each counts at most 1 % of its window longer, unless hundreds of dataflows share the
 * budget.
 * @param memoryMs how long calls are remembered, under whatever limits
 */
export const compactUsage = (
  usages: Usage[],
  limits: readonly QuotaLimit[],
  memoryMs: number,
  nowMs: number,
): Usage[] => {
  const windowsMs = [...limits.map((limit) => limit.windowMs), memoryMs];
  let smaller = usages;
  for (const part of [0.01, 0.05, 0.2, 1]) {
    if (entries(smaller) <= MOST_ENTRIES) break;
    smaller = smaller.map((usage) => joined(usage, windowsMs, part, nowMs));
  }
  return entries(smaller) > MOST_ENTRIES ? summedUp(smaller, windowsMs, nowMs) : smaller;
};
