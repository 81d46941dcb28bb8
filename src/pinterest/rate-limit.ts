// When Pinterest says to come back, in every form it has been seen to say it. What the headers mean:
// https://developers.pinterest.com/docs/reference/rate-limits/
import { retryAfterOf, secondsFromNow, type HeaderLookup } from '../http/headers.js';
import { oneLine } from '../http/redact.js';

/** If no header says when: long enough for a per-minute limit to pass. */
const DEFAULT_WAIT_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
/** A day's limit is the longest there is; anything beyond is a misread header. */
const LONGEST_WAIT_MS = 25 * 3_600_000;

/** When to come back. */
export interface ComeBack {
  /** Epoch ms. */
  atMs: number;
  /** What says so: `Retry-After: 120`. */
  said: string;
}

const saidBy = (name: string, header: HeaderLookup): string =>
  `${name}: ${oneLine(header(name.toLowerCase()) ?? '', 40)}`;

/** A number that is too large for seconds from now may be a time, in seconds or milliseconds since 1970, within a day. */
const timeWithinADay = (value: string | undefined, nowMs: number): number | undefined =>
  [Number(value) * 1000, Number(value)].find((atMs) => atMs >= nowMs && atMs - nowMs <= DAY_MS);

/** `X-RateLimit-Reset`: seconds from now. Past a day it is no number of seconds, and says nothing unless it is a time. */
const resetOf = (header: HeaderLookup, nowMs: number): number | undefined => {
  const value = header('x-ratelimit-reset');
  const atMs = secondsFromNow(value, nowMs);
  return atMs === undefined || atMs - nowMs <= DAY_MS ? atMs : timeWithinADay(value, nowMs);
};

const inBounds = (atMs: number, nowMs: number): number =>
  Math.min(Math.max(atMs, nowMs + 1_000), nowMs + LONGEST_WAIT_MS);

/**
 * When to come back after a refusal: never in the past, never more than about a day away.
 * @param saidSeconds of the refusal's own words
 */
export const comeBackAfter = (header: HeaderLookup, nowMs: number, saidSeconds?: number): ComeBack => {
  const forms: [atMs: number | undefined, said: string][] = [
    [saidSeconds === undefined ? undefined : nowMs + saidSeconds * 1000, 'its own words'],
    [
      timeWithinADay(header('retry-after'), nowMs) ?? retryAfterOf(header, nowMs),
      saidBy('Retry-After', header),
    ],
    [resetOf(header, nowMs), saidBy('X-RateLimit-Reset', header)],
  ];
  for (const [atMs, said] of forms) if (atMs !== undefined) return { atMs: inBounds(atMs, nowMs), said };
  return { atMs: nowMs + DEFAULT_WAIT_MS, said: 'a default, as no header says when' };
};

/**
 * When `X-RateLimit-Remaining` says that nothing is left, until when; undefined while something is. Remaining may be a
 * plain number or a structured list (`0, 59;w=60`), whose first member counts.
 */
export const usedUpUntil = (header: HeaderLookup, nowMs: number): ComeBack | undefined => {
  const remaining = /^\s*(\d+)/.exec(header('x-ratelimit-remaining') ?? '');
  if (!remaining || Number(remaining[1]) > 0) return undefined;
  const atMs = resetOf(header, nowMs);
  return atMs === undefined ? undefined : { atMs, said: saidBy('X-RateLimit-Reset', header) };
};
