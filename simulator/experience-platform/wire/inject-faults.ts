// The middleware that makes the fault rules of requests happen.
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { entryOf } from '../../wire/request-log.js';
import type { Tokens } from '../access/tokens.js';
import type { Faults, FaultRule, FaultEffect, Fate } from './faults.js';
import { throttled } from './refusal.js';

interface Struck {
  rule: FaultRule;
  request: Request;
  response: Response;
  next: NextFunction;
  tokens: Tokens;
}
type Apply = (struck: Struck) => void;

const page =
  (status: number): Apply =>
  ({ response }) => {
    response.status(status).type('html').send('<html><body>Something went wrong</body></html>');
  };
const bare =
  (status: number): Apply =>
  ({ response }) => {
    response.status(status).json({ status, title: 'Unexpected error' });
  };

const APPLY: Record<Exclude<FaultEffect, Fate>, Apply> = {
  throttle: ({ rule, next }) => next(throttled(rule.retryAfter ?? '1')),
  'server-error': bare(500),
  unavailable: bare(503),
  'bad-gateway': page(502),
  'gateway-timeout': page(504),
  'not-found': bare(404),
  reset: ({ request }) => request.socket.resetAndDestroy(),
  'lost-answer': ({ request, response, next }) => {
    response.write = () => true;
    response.end = () => {
      request.socket.resetAndDestroy();
      return response;
    };
    next();
  },
  slow: ({ rule, next }) => void setTimeout(next, rule.delayMs ?? 1000),
  'expire-token': ({ request, next, tokens }) => {
    tokens.revoke(request.headers.authorization);
    next();
  },
};

export const injectFaults =
  (faults: Faults, tokens: Tokens): RequestHandler =>
  (request, response, next) => {
    const rule = faults.ofRequest(request);
    if (!rule) return next();
    entryOf(response).faults.push(rule.effect);
    APPLY[rule.effect as Exclude<FaultEffect, Fate>]({ rule, request, response, next, tokens });
  };
