// Why a lease was refused, in words for whoever watches the waiting dataflow.
import type { Budget, Waiter } from './budget-state.js';
import type { QuotaLimit } from '../limits.js';

const UNITS: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** As PINTEREST_QUOTA writes it: `1000/1d`. */
export const limitName = ({ calls, windowMs }: QuotaLimit): string => {
  const [unitMs, unit] = UNITS.find(([length]) => windowMs % length === 0) ?? [1, 'ms'];
  return `${calls}/${windowMs / unitMs}${unit}`;
};

export const isoTime = (ms: number): string => new Date(Math.ceil(ms)).toISOString();

export const reasonOf = (state: Budget, waiter: Waiter, passed: readonly Waiter[]): string => {
  if (state.heldBack) return `held back until ${isoTime(state.heldBack.untilMs)}: ${state.heldBack.why}`;
  const first = passed[0];
  if (first) return `it is the turn of ${first.dataflow}, which waits since ${isoTime(first.sinceMs)}`;
  const calls = waiter.need === 1 ? 'the next call is' : `the next ${waiter.need} calls at once are`;
  return `the quota ${state.limits.map(limitName).join(', ')} is used up or promised; ${calls} free at ${isoTime(waiter.retryAtMs)}`;
};
