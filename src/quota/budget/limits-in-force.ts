// Which limits hold: of what the workers say, the strictest seen in the last window.
import type { Budget, SeenLimit } from './budget-state.js';
import type { QuotaLimit } from '../limits.js';

/** Takes one worker's limits into account. Per window a looser limit replaces a stricter one only once that went unseen. */
export const withLimits = (state: Budget, limits: readonly QuotaLimit[], nowMs: number): Budget => {
  const byWindow = new Map<number, SeenLimit>();
  for (const seen of state.limits) {
    if (nowMs - seen.seenMs <= seen.windowMs) byWindow.set(seen.windowMs, seen);
  }
  for (const { calls, windowMs } of limits) {
    const known = byWindow.get(windowMs);
    if (!known || calls <= known.calls) byWindow.set(windowMs, { calls, windowMs, seenMs: nowMs });
  }
  const held = [...byWindow.values()].sort((one, other) => one.windowMs - other.windowMs);
  return {
    ...state,
    limits: held,
    longestWindowMs: Math.max(state.longestWindowMs, ...held.map((limit) => limit.windowMs)),
  };
};
