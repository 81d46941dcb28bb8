// Every way the platform says no. Each service has its own body; the statuses and codes are those Adobe documents.
import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler } from 'express';

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly body: Record<string, unknown>,
    readonly headers: Record<string, string> = {},
  ) {
    super(JSON.stringify(body));
  }
}

/** Of the gateway that stands before all services: the first three digits of the code are the status. */
export const gateway = (code: string, message: string, headers?: Record<string, string>): Refusal =>
  new Refusal(Number(code.slice(0, 3)), { error_code: code, message }, headers);

export const throttled = (retryAfter: string): Refusal =>
  gateway('429050', 'Too many requests', { 'Retry-After': retryAfter });

const problem = (status: number, title: string, detail: string): Refusal =>
  new Refusal(status, { type: '/placeholder/type/uri', status, title, detail });

export const badRequest = (detail: string): Refusal => problem(400, 'BadRequestError', detail);
export const forbidden = (detail: string): Refusal => problem(403, 'ForbiddenError', detail);
export const notFound = (detail: string): Refusal => problem(404, 'NotFoundError', detail);
export const tooLarge = (detail: string): Refusal => problem(413, 'PayloadTooLargeError', detail);
export const tooLongUrl = (detail: string): Refusal => problem(414, 'URITooLongError', detail);
export const unsupportedMedia = (detail: string): Refusal =>
  problem(415, 'UnsupportedMediaTypeError', detail);

/** Of the schema registry; `code` like `XDM-1006-400`, ending with the status. */
export const registryRefusal = (code: string, title: string, detail: string): Refusal => {
  const status = Number(code.slice(-3));
  return new Refusal(status, {
    type: `http://ns.adobe.com/aep/errors/${code}`,
    title,
    status,
    report: { registryRequestId: randomUUID(), 'detailed-message': detail, 'sub-errors': [] },
    detail,
  });
};

/** Of IMS, in the words of OAuth. */
export const imsRefusal = (error: string, description: string): Refusal =>
  new Refusal(400, { error, error_description: description });

/** The last middleware. Errors of other middleware, as for a body that is not JSON, carry their status. */
export const answerRefusals: ErrorRequestHandler = (
  error: Error & { status?: number },
  _request,
  response,
  next,
) => {
  if (response.headersSent) return next(error);
  const { status = 500, message } = error;
  const refusal =
    error instanceof Refusal
      ? error
      : problem(status, status < 500 ? 'BadRequestError' : 'InternalServerError', message);
  response.status(refusal.status).set(refusal.headers).json(refusal.body);
};
