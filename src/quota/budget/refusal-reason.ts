// Why a lease was refused, in words for whoever watches the waiting dataflow.
import type { Budget, Waiter } from './budget-state.js';
import { limitName } from '../limits.js';

export const isoTime = (ms: number): string => new Date(Math.ceil(ms)).toISOString();

export const refusalReason = (state: Budget, waiter: Waiter, passed: readonly Waiter[]): string => {
  if (state.heldBack) return `held back until ${isoTime(state.heldBack.untilMs)}: ${state.heldBack.why}`;
  const first = passed[0];
  if (first) return `it is the turn of ${first.dataflow}, which waits since ${isoTime(first.sinceMs)}`;
  const calls = waiter.need === 1 ? 'the next call is' : `the next ${waiter.need} calls at once are`;
  return `the quota ${state.limits.map(limitName).join(', ')} is used up or promised; ${calls} free at ${isoTime(waiter.retryAtMs)}`;
};
