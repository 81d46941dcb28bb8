// What can go wrong, as rules: which requests, how often, and with what effect.
import type { Request } from 'express';
import { createFiring, type FiringRule } from './firing.js';
import { MALFORMATIONS, type Malformation } from './malformed.js';
import { queryOf, routeOf, type Route } from './request-log.js';

/** Instead of an answer. */
type AnswerEffect =
  | 'rate-limit' // 429, code 8, Retry-After
  | 'server-error' // 500
  | 'unavailable' // 503
  | 'bad-gateway' // 502 with an HTML page
  | 'html' // `status` (200) with an HTML page
  | 'transient-400' // 400, code 12
  | 'retry-after-400' // 400, "Retry after N seconds"
  | 'refuse' // `status` (400) with `message`
  | 'empty' // `status` (200) without a body; 204 says so itself
  | 'reset'; // the connection is reset before an answer
/** To the body of the answer. */
type BodyEffect =
  | 'truncate' // the connection breaks within the body
  | 'cut-short' // the body ends early and HTTP calls it whole
  | 'slow-body'; // headers at once, the body after `delayMs`
/** To the token of the request: refused from now on, this request included. */
type TokenEffect = 'revoke-token';
/** To the report that the request creates. */
export type ReportFate =
  'report-failed' | 'report-cancelled' | 'report-expired' | 'report-missing' | 'report-stuck';
export type FaultEffect = AnswerEffect | BodyEffect | TokenEffect | ReportFate | Malformation;

export interface FaultRule extends FiringRule {
  effect: FaultEffect;
  /** Only requests of these routes. Default: all of the API; `row-…` also the download; `report-…` only reports. */
  route?: Route | Route[];
  /** Only requests that this accepts. */
  when?: (request: FaultRequest) => boolean;
  /** For `rate-limit` and `retry-after-400`. Default 1. */
  retryAfterSeconds?: number;
  /** For `refuse`, `empty` and `html`. */
  status?: number;
  /** For `refuse`. Default: what the live API says for dates that it does not reach. */
  message?: string;
  /** For `slow-body`. Default 1,000. */
  delayMs?: number;
  /** For `truncate` and `cut-short`: at most so many bytes arrive, and at most half of the body. Default 1,024. */
  afterBytes?: number;
  /** For `row-…`: how many rows at the start of the answer are spoilt. Default 1. */
  rows?: number;
}

export interface FaultRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Of a report's creation. */
  body: unknown;
  route: Route;
}

const API_ROUTES: Route[] = ['analytics', 'reports', 'catalogue', 'other', 'token'];
const ROW_ROUTES: Route[] = ['analytics', 'download'];
const NATURAL_ROUTES: Partial<Record<FaultEffect, Route[]>> = {
  ...Object.fromEntries(MALFORMATIONS.map((effect) => [effect, ROW_ROUTES])),
  'report-failed': ['reports'],
  'report-cancelled': ['reports'],
  'report-expired': ['reports'],
  'report-missing': ['reports'],
  'report-stuck': ['reports'],
};

export const createFaults = (seed: number) => {
  const strikes = createFiring(seed);

  const fires = (rule: FaultRule, place: number, request: FaultRequest): boolean => {
    const routes = [rule.route ?? NATURAL_ROUTES[rule.effect] ?? API_ROUTES].flat();
    if (!routes.includes(request.route)) return false;
    if (rule.effect.startsWith('report-') && request.method !== 'POST') return false;
    if (rule.when && !rule.when(request)) return false;
    return strikes(rule, place);
  };

  /** Lazy: rows can be spoilt in several ways at once, but behind any other effect no rule is used up. */
  return function* fired(rules: readonly FaultRule[], request: Request): Iterable<FaultRule> {
    const { method, path, body } = request;
    const faultRequest: FaultRequest = { method, path, query: queryOf(request), body, route: routeOf(path) };
    for (const [place, rule] of rules.entries()) if (fires(rule, place, faultRequest)) yield rule;
  };
};
