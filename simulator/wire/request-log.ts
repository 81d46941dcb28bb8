// What arrived, in order of arrival: the server's own account of who called what and when.
import type { Request, RequestHandler, Response } from 'express';

export type Route = 'analytics' | 'reports' | 'catalogue' | 'other' | 'download' | 'token' | 'consent';

export interface LoggedRequest<R extends string = Route> {
  /** Arrival in ms since 1970, with fractions, from a clock that never jumps. */
  at: number;
  method: string;
  path: string;
  query: Record<string, string[]>;
  route: R;
  /** 0 if the connection ended before a response. */
  status: number;
  /** Whether an Authorization header came with it. */
  authorization: boolean;
  /** Which token, by a label; never the token. */
  token?: string;
  /** Effects of the fault rules that fired. */
  faults: string[];
  /** A breach of manners that a test should fail on, such as a token sent to storage. */
  flagged?: string;
}

export const clockMs = (): number => performance.timeOrigin + performance.now();

export const queryOf = (request: Request): URLSearchParams =>
  new URL(request.originalUrl, 'http://localhost').searchParams;

export const routeOf = (path: string): Route => {
  if (path.startsWith('/storage/')) return 'download';
  if (path.startsWith('/oauth/')) return 'consent';
  if (path.endsWith('/oauth/token')) return 'token';
  if (path.endsWith('analytics')) return 'analytics';
  if (path.endsWith('/reports')) return 'reports';
  return /\/ad_accounts/.test(path) ? 'catalogue' : 'other';
};

const entries = new WeakMap<Response, LoggedRequest<string>>();

/** The entry of the request that `response` answers. */
export const entryOf = (response: Response): LoggedRequest<string> => {
  const entry = entries.get(response);
  if (!entry) throw new Error('The request log comes before everything else');
  return entry;
};

export const keepLog =
  <R extends string>(log: LoggedRequest<R>[], routeOf: (path: string, method: string) => R): RequestHandler =>
  (request, response, next) => {
    const query = queryOf(request);
    const entry: LoggedRequest<R> = {
      at: clockMs(),
      method: request.method,
      path: request.path,
      query: Object.fromEntries([...new Set(query.keys())].map((key) => [key, query.getAll(key)])),
      route: routeOf(request.path, request.method),
      status: 0,
      authorization: request.headers.authorization !== undefined,
      faults: [],
    };
    log.push(entry);
    entries.set(response, entry);
    // set with the headers and not at the end: whoever holds the answer already finds its status here
    const writeHead = response.writeHead.bind(response);
    response.writeHead = (...args: unknown[]) => {
      entry.status = Number(args[0]);
      return Reflect.apply(writeHead, response, args);
    };
    next();
  };
