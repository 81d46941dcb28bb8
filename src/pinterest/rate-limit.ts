// When Pinterest says to come back, in every form it has been seen to say it. What the headers mean:
// https://developers.pinterest.com/docs/reference/rate-limits/
import { retryAfterOf, secondsFromNow, type HeaderLookup } from '../http/headers.js';

/** If no header says when: long enough for a per-minute limit to pass. */
const DEFAULT_WAIT_MS = 60_000;
/** A day's limit is the longest there is; anything beyond is a misread header. */
const LONGEST_WAIT_MS = 25 * 3_600_000;

/** `X-RateLimit-Reset`: seconds from now. */
const resetOf = (header: HeaderLookup, nowMs: number): number | undefined =>
  secondsFromNow(header('x-ratelimit-reset'), nowMs);

/** When to come back, epoch ms: never in the past, never more than about a day away. */
export const retryAtOf = (header: HeaderLookup, nowMs: number, saidSeconds?: number): number => {
  const at =
    (saidSeconds === undefined ? undefined : nowMs + saidSeconds * 1000) ??
    retryAfterOf(header, nowMs) ??
    resetOf(header, nowMs) ??
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
  const untilMs = resetOf(header, nowMs);
  return untilMs === undefined ? undefined : Math.min(untilMs, nowMs + LONGEST_WAIT_MS);
};
