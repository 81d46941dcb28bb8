// The server's side of a quota: strict sliding windows over all requests to the API, refused ones too.
import type { RequestHandler } from 'express';
import type { QuotaLimit, SimulatorSettings } from '../settings.js';
import { Refusal } from './refusal.js';
import { clockMs } from './request-log.js';

interface Standing extends QuotaLimit {
  /** Calls left in the window after this one. */
  remaining: number;
  /** Until one more call fits, were none made meanwhile. */
  waitMs: number;
  exceeded: boolean;
}

/** `arrivals` ends with the request in question. */
export const standingOf = (limit: QuotaLimit, arrivals: readonly number[]): Standing => {
  const now = arrivals.at(-1) ?? 0;
  const inWindow = arrivals.filter((at) => at > now - limit.windowMs).length;
  const freedBy = arrivals.at(-limit.calls);
  const full = freedBy !== undefined && inWindow >= limit.calls;
  return {
    ...limit,
    remaining: Math.max(0, limit.calls - inWindow),
    waitMs: full ? freedBy + limit.windowMs - now : 0,
    exceeded: inWindow > limit.calls,
  };
};

/** Both shapes in one, as seen live: the tightest limit, then every limit with its window and name. */
const headersOf = (standings: Standing[]): Record<string, string> => {
  const tightest = standings.reduce((a, b) => (b.remaining < a.remaining ? b : a));
  const listed = standings.map(
    ({ calls, windowMs }, i) => `${calls};w=${Math.ceil(windowMs / 1000)};name="simulator_limit_${i + 1}"`,
  );
  return {
    'X-RateLimit-Limit': [tightest.calls, ...listed].join(', '),
    'X-RateLimit-Remaining': String(tightest.remaining),
    'X-RateLimit-Reset': String(Math.ceil(Math.max(...standings.map(({ waitMs }) => waitMs)) / 1000)),
  };
};

export const enforceQuota = (settings: SimulatorSettings): RequestHandler => {
  let arrivals: number[] = [];
  return (_request, response, next) => {
    if (settings.quota.length === 0) return next();
    const now = clockMs();
    const longestMs = Math.max(...settings.quota.map(({ windowMs }) => windowMs));
    arrivals = [...arrivals.filter((at) => at > now - longestMs), now];
    const standings = settings.quota.map((limit) => standingOf(limit, arrivals));
    response.set(headersOf(standings));
    if (!standings.some(({ exceeded }) => exceeded)) return next();
    const waitMs = Math.max(...standings.map((standing) => standing.waitMs));
    next(rateLimited(Math.ceil(waitMs / 1000)));
  };
};

export const rateLimited = (seconds: number): Refusal =>
  new Refusal(429, 8, 'This request exceeded a rate limit. Please retry later.', {
    'Retry-After': String(seconds),
  });
