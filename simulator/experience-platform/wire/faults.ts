// What can go wrong, as rules: which requests or batches, how often, and with what effect.
import type { Request } from 'express';
import { createFiring, type FiringRule } from '../../wire/firing.js';
import { queryOf } from '../../wire/request-log.js';
import { routeOf, type Route } from './routes.js';

/** Instead of an answer; but for `lost-answer`, the request has no effect. */
type AnswerEffect =
  | 'throttle' // 429, Retry-After
  | 'server-error' // 500
  | 'bad-gateway' // 502 with an HTML page
  | 'unavailable' // 503
  | 'gateway-timeout' // 504 with an HTML page
  | 'not-found' // 404: a list that comes late, or a gateway without a way
  | 'reset' // the connection is reset before anything happened
  | 'lost-answer' // the request takes effect, then the connection is reset
  | 'slow'; // answered after `delayMs`
/** The token of the request has ended: refused from now on, this request included. */
type TokenEffect = 'expire-token';
/** What becomes of a batch that COMPLETE accepts. */
export type Fate =
  | 'batch-slow' // staging for `polls` polls
  | 'batch-retries' // retrying for `polls` polls
  | 'batch-stalls' // stalled for `polls` polls; default: for ever
  | 'batch-fails' // ends as `failed`, or as `endsAs` says
  | 'batch-partial'; // its first `rows` rows fail, whatever they hold
export type FaultEffect = AnswerEffect | TokenEffect | Fate;

export interface FaultRule extends FiringRule {
  effect: FaultEffect;
  /** Only requests of these routes. Default: all. `batch-…` is always asked once, when COMPLETE is accepted. */
  route?: Route | Route[];
  /** Only requests that this accepts. For `batch-…`: the COMPLETE. */
  when?: (request: FaultRequest) => boolean;
  /** For `throttle`: seconds, or an HTTP date. Default '1'. */
  retryAfter?: string;
  /** For `slow`. Default 1,000. */
  delayMs?: number;
  /** For `batch-slow` and `batch-retries` (default 3) and `batch-stalls`. */
  polls?: number;
  /** For `batch-fails`. */
  endsAs?: 'failed' | 'failure' | 'abandoned';
  /** For `batch-partial`. Default 1. */
  rows?: number;
}

export interface FaultRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  route: Route;
}

export const isFate = (effect: FaultEffect): effect is Fate => effect.startsWith('batch-');

export interface Faults {
  /** The rule that fires for this request, if one does. */
  ofRequest(request: Request): FaultRule | undefined;
  /** The rule that decides about the batch which this request completes. */
  ofBatch(request: Request): FaultRule | undefined;
}

export const createFaults = (settings: { seed: number; faults: FaultRule[] }): Faults => {
  const strikes = createFiring(settings.seed);
  const first = (request: Request, kind: (effect: FaultEffect) => boolean): FaultRule | undefined => {
    const { method } = request;
    const path = request.baseUrl + request.path;
    const faultRequest = { method, path, query: queryOf(request), route: routeOf(path) };
    const matches = (rule: FaultRule): boolean =>
      kind(rule.effect) &&
      (isFate(rule.effect) || [rule.route ?? faultRequest.route].flat().includes(faultRequest.route)) &&
      (rule.when?.(faultRequest) ?? true);
    return settings.faults.find((rule, place) => matches(rule) && strikes(rule, place));
  };
  return {
    ofRequest: (request) => first(request, (effect) => !isFate(effect)),
    ofBatch: (request) => first(request, isFate),
  };
};
