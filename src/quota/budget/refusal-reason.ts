// Why a lease was refused, in words for whoever watches the waiting dataflow.
import type { Budget, SeenLimit, Waiter } from './budget-state.js';
import { lapsesAtMs } from './limits-in-force.js';
import { limitName } from '../limits.js';

export const isoTime = (ms: number): string => new Date(Math.ceil(ms)).toISOString();

/** To the second, and not before: nobody waits by milliseconds. */
const inWords = (ms: number): string => isoTime(1_000 * Math.ceil(ms / 1_000)).replace('.000Z', 'Z');

/** Where a limit comes from: the worker that asks, or another one that may be gone. */
const origin = (state: Budget, limit: SeenLimit): string => {
  if (limit.sinceMs === undefined) return '';
  const known = `; ${limitName(limit)} is known since ${inWords(limit.sinceMs)}`;
  if (limit.seenMs === state.nowMs) return known;
  return `${known}, was named last by another worker at ${inWords(limit.seenMs)} and lapses at ${inWords(lapsesAtMs(state, limit))}`;
};

/** @param inTheWay the limits that are used up */
export const refusalReason = (
  state: Budget,
  waiter: Waiter,
  passed: readonly Waiter[],
  inTheWay: readonly SeenLimit[],
): string => {
  if (state.heldBack) return `held back until ${inWords(state.heldBack.untilMs)}: ${state.heldBack.why}`;
  const first = passed[0];
  if (first) return `it is the turn of ${first.dataflow}, which waits since ${inWords(first.sinceMs)}`;
  const calls = waiter.need === 1 ? 'the next call is' : `the next ${waiter.need} calls at once are`;
  const limits = inTheWay.length > 0 ? inTheWay : state.limits;
  return [
    `the quota ${limits.map(limitName).join(', ')} is used up or promised`,
    `; ${calls} free at ${inWords(waiter.retryAtMs)}`,
    ...limits.map((limit) => origin(state, limit)),
  ].join('');
};
