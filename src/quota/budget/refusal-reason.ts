// Why a lease was refused, in words for whoever watches the waiting dataflow.
import type { Budget, SeenLimit, Waiter } from './budget-state.js';
import { lapsesAtMs } from './limits-in-force.js';
import { limitName } from '../limits.js';

export const isoTime = (ms: number): string => new Date(Math.ceil(ms)).toISOString();

/** Where a limit comes from: the worker that asks, or another one that may be gone. */
const origin = (state: Budget, limit: SeenLimit): string => {
  if (limit.sinceMs === undefined) return '';
  const known = `; ${limitName(limit)} is known since ${isoTime(limit.sinceMs)}`;
  if (limit.seenMs === state.nowMs) return known;
  return `${known}, was named last by another worker at ${isoTime(limit.seenMs)} and lapses at ${isoTime(lapsesAtMs(state, limit))}`;
};

/** @param inTheWay the limits that are used up */
export const refusalReason = (
  state: Budget,
  waiter: Waiter,
  passed: readonly Waiter[],
  inTheWay: readonly SeenLimit[],
): string => {
  if (state.heldBack) return `held back until ${isoTime(state.heldBack.untilMs)}: ${state.heldBack.why}`;
  const first = passed[0];
  if (first) return `it is the turn of ${first.dataflow}, which waits since ${isoTime(first.sinceMs)}`;
  const calls = waiter.need === 1 ? 'the next call is' : `the next ${waiter.need} calls at once are`;
  const limits = inTheWay.length > 0 ? inTheWay : state.limits;
  return [
    `the quota ${limits.map(limitName).join(', ')} is used up or promised`,
    `; ${calls} free at ${isoTime(waiter.retryAtMs)}`,
    ...limits.map((limit) => origin(state, limit)),
  ].join('');
};
