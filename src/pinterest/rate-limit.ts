// When Pinterest says to come back, in every form it has been seen to say it.

export type HeaderLookup = (name: string) => string | undefined;

/** Where no header says when: long enough for a per-minute limit to pass. */
const DEFAULT_WAIT_MS = 60_000;
/** A day's limit is the longest there is; anything beyond is a misread header. */
const LONGEST_WAIT_MS = 25 * 3_600_000;

/** `Retry-After`: seconds, or an HTTP date. */
const retryAfter = (value: string | undefined, nowMs: number): number | undefined => {
  if (value === undefined) return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(value)) return nowMs + Number(value) * 1000;
  // Without a time of day it is no HTTP date, whatever Date makes of it: "garbage 5" is in May 2001.
  const date = /\d\d:\d\d:\d\d/.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? undefined : date;
};

/** `X-RateLimit-Reset`: seconds from now. */
const reset = (value: string | undefined, nowMs: number): number | undefined =>
  value !== undefined && /^\s*\d+(\.\d+)?\s*$/.test(value) ? nowMs + Number(value) * 1000 : undefined;

/** When to come back, epoch ms: never in the past, never more than about a day away. */
export const retryAtOf = (header: HeaderLookup, nowMs: number, saidSeconds?: number): number => {
  const at =
    (saidSeconds === undefined ? undefined : nowMs + saidSeconds * 1000) ??
    retryAfter(header('retry-after'), nowMs) ??
    reset(header('x-ratelimit-reset'), nowMs) ??
    nowMs + DEFAULT_WAIT_MS;
  return Math.min(Math.max(at, nowMs + 1_000), nowMs + LONGEST_WAIT_MS);
};

/**
 * When `X-RateLimit-Remaining` says that nothing is left, until when; undefined while something is. Remaining may be a
 * plain number or a structured list (`0, 59;w=60`), whose first member counts.
 */
export const usedUpUntil = (header: HeaderLookup, nowMs: number): number | undefined => {
  const remaining = /^\s*(\d+)/.exec(header('x-ratelimit-remaining') ?? '');
  if (!remaining || Number(remaining[1]) > 0) return undefined;
  const untilMs = reset(header('x-ratelimit-reset'), nowMs);
  return untilMs === undefined ? undefined : Math.min(untilMs, nowMs + LONGEST_WAIT_MS);
};
