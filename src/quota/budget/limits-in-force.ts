// Which limits hold: of what workers said in the last ten minutes, for each window the strictest.
import { MOST_LIMITS, type QuotaLimit } from '../limits.js';
import type { Budget, SeenLimit } from './budget-state.js';

/** Limits remembered, looser ones included; of more, those that were named last. */
export const MOST_NAMED = 2 * MOST_LIMITS;

/** After this time a limit holds no longer, unless a worker names it again. */
export const lapsesAtMs = (state: Budget, limit: SeenLimit): number =>
  limit.seenMs + (state.limitsHoldMs ?? limit.windowMs);

const named = (state: Budget, nowMs: number): SeenLimit[] =>
  [...state.limits, ...(state.looserLimits ?? [])].filter((limit) => lapsesAtMs(state, limit) >= nowMs);

const isSame = (one: QuotaLimit, other: QuotaLimit): boolean =>
  one.calls === other.calls && one.windowMs === other.windowMs;

/** By window, the strictest first. */
const inOrder = (one: QuotaLimit, other: QuotaLimit): number =>
  one.windowMs - other.windowMs || one.calls - other.calls;

const isStrictest = (limit: QuotaLimit, i: number, ordered: readonly QuotaLimit[]): boolean =>
  limit.windowMs !== ordered[i - 1]?.windowMs;

/** Takes one worker's limits into account. */
export const withLimits = (state: Budget, limits: readonly QuotaLimit[], nowMs: number): Budget => {
  const known = named(state, nowMs);
  const asked = limits.map(({ calls, windowMs }) => {
    const before = known.find((limit) => isSame(limit, { calls, windowMs }));
    return { calls, windowMs, seenMs: nowMs, sinceMs: before ? (before.sinceMs ?? before.seenMs) : nowMs };
  });
  const others = known.filter((limit) => !asked.some((one) => isSame(one, limit)));
  const ordered = [...asked, ...others.toSorted((one, other) => other.seenMs - one.seenMs)]
    .slice(0, MOST_NAMED)
    .sort(inOrder);
  const inForce = ordered.filter(isStrictest);
  return {
    ...state,
    limits: inForce,
    looserLimits: state.limitsHoldMs === undefined ? [] : ordered.filter((limit) => !inForce.includes(limit)),
    longestWindowMs: Math.max(state.longestWindowMs, ...inForce.map((limit) => limit.windowMs)),
  };
};

/** Those that hold at `nowMs`; if nobody has asked for long, those that held last. */
export const limitsInForce = (state: Budget, nowMs: number): SeenLimit[] => {
  const held = named(state, nowMs).sort(inOrder).filter(isStrictest);
  return held.length > 0 ? held : state.limits;
};

/** A limit that counts for an asker, and until when. */
export interface CountingLimit {
  limit: SeenLimit;
  untilMs: number;
}

/** All limits that somebody named; those that the asker itself names do not lapse while it waits. */
export const countingLimits = (state: Budget, nowMs: number): CountingLimit[] =>
  [...state.limits, ...(state.looserLimits ?? [])].map((limit) => ({
    limit,
    untilMs:
      state.limitsHoldMs === undefined || limit.seenMs === nowMs ? Infinity : lapsesAtMs(state, limit) + 1,
  }));
