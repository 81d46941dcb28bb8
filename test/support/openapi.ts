// Pinterest's own OpenAPI description as a judge of requests and answers, where a copy of it is at hand.
import { existsSync } from 'node:fs';
import type { RequestHandler } from 'express';
import { middleware as validator } from 'express-openapi-validator';

export const apiSpec = process.env['OPENAPI_FILE'] ?? '../shared/reference/pinterest-api-v5.openapi.json';
const present = existsSync(apiSpec);
if (!present)
  console.warn(`Skipped: there is no OpenAPI file at ${apiSpec} (OPENAPI_FILE says where one is)`);
/** Skips, saying so, where the file is absent. */
export const described = present ? describe : describe.skip;

/** The validator looks at `json` only; rows are sent as text, so that ids stay exact. */
const textAsJson: RequestHandler = (_request, response, next) => {
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    response.send = send;
    const isText = typeof body === 'string' && response.statusCode === 200;
    return isText ? response.json(JSON.parse(body)) : send(body);
  };
  next();
};
/** To be put before the simulator's own routes. */
export const validators = (): RequestHandler[] => [
  ...validator({ apiSpec, validateRequests: true, validateResponses: true, validateSecurity: false }),
  textAsJson,
];
