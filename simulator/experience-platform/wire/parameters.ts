// Queries and JSON bodies, checked. What is not known is refused: an answer that ignored a filter would be a wrong one.
import express, { type Request, type RequestHandler } from 'express';
import { z } from 'zod';
import { queryOf } from '../../wire/request-log.js';
import { badRequest } from './refusal.js';

export const whole = (min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.string().regex(/^\d+$/, 'must be a whole number').transform(Number).pipe(z.number().min(min).max(max));

export const parse = <T extends z.ZodType>(schema: T, given: unknown): z.output<T> => {
  const { success, data, error } = schema.safeParse(given);
  if (success) return data;
  throw badRequest(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
};

export const parseQuery = <T extends z.ZodType>(schema: T, request: Request): z.output<T> =>
  parse(schema, Object.fromEntries(queryOf(request)));

/** A body that is JSON, and says so. */
export const jsonBody: RequestHandler[] = [
  (request, _response, next) => {
    if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
      throw badRequest('A valid content-type must be specified');
    next();
  },
  express.json({ limit: '20mb' }),
];
