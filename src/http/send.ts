// One HTTP request: a deadline until the response begins, then a body that cannot stay silent.
import type { Readable } from 'node:stream';
import axios, { type AxiosResponse } from 'axios';
import { guarded, type Broken } from './body.js';
import { lookupIn, type HeaderLookup } from './headers.js';

export interface HttpRequest {
  method: 'GET' | 'POST';
  url: string;
  headers?: Record<string, string>;
  /** Objects are sent as JSON. */
  data?: unknown;
  /** 0 for a request that carries a secret: a redirect would take it to a place that did not get it from a person. */
  maxRedirects: number;
  /** How long the response may stay silent, before it begins (connecting included) or while it lasts. */
  idleTimeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  /** Any: what a status means is the caller's to say. */
  status: number;
  header: HeaderLookup;
  body: Readable;
}

export const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;

/** Codes of a request that never reached a server: another request to the same address will not, either. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

export const isUnreachable = (code: string | undefined): boolean =>
  code !== undefined && UNREACHABLE.has(code);

/**
 * @param broken makes the error of a request without a response, and of a body that breaks off
 * @throws what `broken` makes, or the signal's reason once that is aborted
 */
export const send = async (request: HttpRequest, broken: Broken): Promise<HttpResponse> => {
  const { idleTimeoutMs, signal, ...options } = request;
  // A hard limit until the response begins: after it, no request can reach the server any more.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), idleTimeoutMs);
  let response: AxiosResponse<Readable>;
  try {
    response = await axios.request<Readable>({
      ...options,
      responseType: 'stream',
      validateStatus: () => true,
      maxContentLength: -1,
      signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (deadline.signal.aborted) throw broken(`no answer in ${idleTimeoutMs / 1000} s`);
    // Only the code is taken over: axios errors carry the request, and with it its secrets.
    throw broken((error as { code?: string }).code);
  } finally {
    clearTimeout(timer);
  }
  return {
    status: response.status,
    header: lookupIn(response.headers),
    body: guarded(response.data, idleTimeoutMs, broken),
  };
};
