// Every way the API says no: an HTTP status, Pinterest's own code, and a message.
import type { ErrorRequestHandler } from 'express';

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

export const badRequest = (message: string): Refusal => new Refusal(400, 1, message);
export const unauthenticated = (): Refusal => new Refusal(401, 2, 'Authentication failed.');
export const forbidden = (message: string): Refusal => new Refusal(403, 3, message);
export const notFound = (what: string): Refusal => new Refusal(404, 2, `${what} not found.`);

/** The last middleware. Errors of other middleware (a body that is not JSON) carry a status and mean a bad request. */
export const answerRefusals: ErrorRequestHandler = (
  error: Error & { status?: number; code?: unknown },
  _request,
  response,
  next,
) => {
  if (response.headersSent) return next(error);
  const headers = error instanceof Refusal ? error.headers : {};
  const code = error instanceof Refusal ? error.code : 1;
  response
    .status(error.status ?? 500)
    .set(headers)
    .json({ code, message: error.message, status: 'failure' });
};
