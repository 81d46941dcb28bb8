// The one middleware that makes the fault rules happen.
import type { Request, RequestHandler, Response } from 'express';
import type { Tokens } from '../tokens.js';
import type { SimulatorSettings } from '../settings.js';
import { createFaults, type FaultEffect, type FaultRule, type ReportFate } from './faults.js';
import type { Malformation, Spoilage } from './malformed.js';
import { rateLimited } from './quota.js';
import { Refusal } from './refusal.js';
import { entryOf } from './request-log.js';
import { endEarly, holdBack } from './spoilt-body.js';

const HTML =
  '<!DOCTYPE html><html><head><title>Pinterest</title></head><body>Something went wrong</body></html>';

type Apply = (rule: FaultRule, request: Request, response: Response, tokens: Tokens) => void;

const refuse = (refusalOf: (rule: FaultRule) => Refusal): Apply => {
  return (rule) => {
    throw refusalOf(rule);
  };
};
const page = (usual: number): Apply => {
  return ({ status = usual }, _request, response) => {
    response.status(status).type('html').send(HTML);
  };
};
const secondsOf = (rule: FaultRule): number => rule.retryAfterSeconds ?? 1;
const bytesOf = (rule: FaultRule): number => rule.afterBytes ?? 1024;

const APPLY: Record<Exclude<FaultEffect, Malformation | ReportFate>, Apply> = {
  'rate-limit': refuse((rule) => rateLimited(secondsOf(rule))),
  'server-error': refuse(() => new Refusal(500, 0, 'Internal server error.')),
  unavailable: refuse(() => new Refusal(503, 0, 'Service unavailable.')),
  'transient-400': refuse(() => new Refusal(400, 12, 'Something went wrong on our end. Please try again.')),
  'retry-after-400': refuse(
    (rule) => new Refusal(400, 1, `Too many requests. Retry after ${secondsOf(rule)} seconds.`),
  ),
  refuse: refuse(
    ({ status = 400, message = 'You can only get data from the last 90 days' }) =>
      new Refusal(status, 1, message),
  ),
  empty: ({ status = 200 }, _request, response) => {
    response.status(status).end();
  },
  html: page(200),
  'bad-gateway': page(502),
  reset: (_rule, { socket }) => socket.resetAndDestroy(),
  truncate: (rule, _request, response) => endEarly(response, bytesOf(rule), false),
  'cut-short': (rule, _request, response) => endEarly(response, bytesOf(rule), true),
  'slow-body': (rule, _request, response) => holdBack(response, rule.delayMs ?? 1000),
  'revoke-token': (_rule, { headers }, _response, tokens) => tokens.revoke(headers.authorization),
};

/** What the endpoints themselves must do wrong in this answer. */
interface Orders {
  spoilages: Spoilage[];
  fate?: ReportFate;
}
const orders = new WeakMap<Response, Orders>();
export const ordersOf = (response: Response): Orders => orders.get(response) ?? { spoilages: [] };

const isMalformation = (effect: FaultEffect): effect is Malformation => effect.startsWith('row-');
const isFate = (effect: FaultEffect): effect is ReportFate => effect.startsWith('report-');

export const injectFaults = (settings: SimulatorSettings, tokens: Tokens): RequestHandler => {
  const fired = createFaults(settings.seed);
  return (request, response, next) => {
    const order: Orders = { spoilages: [] };
    orders.set(response, order);
    for (const rule of fired(settings.faults, request)) {
      const { effect } = rule;
      entryOf(response).faults.push(effect);
      if (isMalformation(effect)) order.spoilages.push({ malformation: effect, rows: rule.rows ?? 1 });
      else if (isFate(effect)) order.fate = effect;
      else {
        APPLY[effect](rule, request, response, tokens);
        break;
      }
    }
    if (!response.headersSent && !request.socket.destroyed) next();
  };
};
