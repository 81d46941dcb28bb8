// One HTTP request: a deadline until the response begins, then a body that cannot stay silent.
import { pipeline, Readable, Transform } from 'node:stream';
import { isIP } from 'node:net';
import axios, { type AxiosResponse } from 'axios';
import { addressesOf, hostOf, isLoopbackHost, isPublicAddress } from './addresses.js';
import { guarded, type Broken } from './body.js';
import { lookupIn, type HeaderLookup } from './headers.js';
import type { Rate } from './pace.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  url: string;
  headers?: Record<string, string>;
  /** Objects are sent as JSON, streams as they are: give their `Content-Length`. A stream is closed at the end. */
  data?: unknown;
  /** How long nothing may happen: of a stream that is sent, until the response begins (connecting included), while it lasts. */
  idleTimeoutMs: number;
  /** What a body brings at least; left out: `LEAST_RATE`. */
  leastRate?: Rate | undefined;
  /** The host must have a public address: for an address that nobody on this side has chosen. */
  onlyPublic?: boolean;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  /** Any: what a status means is the caller's to say. Redirects, too: none is followed. */
  status: number;
  header: HeaderLookup;
  body: Readable;
}

export const isSuccess = ({ status }: HttpResponse): boolean => status >= 200 && status < 300;

/** Codes of a request that never reached a server: another request to the same address will not, either. */
const UNREACHABLE = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

export const isUnreachable = (code: string | undefined): boolean =>
  code !== undefined && UNREACHABLE.has(code);

/** A host that must be public leads into a network that is not. */
export class InternalAddress extends Error {
  override readonly name = 'InternalAddress';

  constructor(readonly host: string) {
    super(`${host} is not an address of the public Internet`);
  }
}

/**
 * Resolves a name for the connection that is about to be made, so that what is checked is what is connected to. Behind a
 * proxy it is the proxy that resolves names, and no name comes here.
 */
const publicAddressesOf = async (host: string): Promise<{ address: string; family: number }[]> => {
  const addresses = await addressesOf(host);
  if (addresses.every(({ address }) => isPublicAddress(address))) return addresses;
  throw new InternalAddress(host);
};

/** The same bytes; each piece that leaves is told of. */
const heard = (data: Readable, told: () => void): Readable => {
  const passing = new Transform({
    transform: (piece, _encoding, done) => {
      told();
      done(null, piece);
    },
  });
  // What breaks it off is heard by whoever sends it.
  return pipeline(data, passing, () => undefined);
};

/**
 * @param broken makes the error of a request without a response, and of a body that breaks off
 * @throws what `broken` makes, InternalAddress, or the signal's reason once that is aborted
 */
export const send = async (request: HttpRequest, broken: Broken): Promise<HttpResponse> => {
  const { idleTimeoutMs, leastRate, onlyPublic, signal, data, ...options } = request;
  const host = hostOf(request.url);
  if (onlyPublic && isIP(host) && !isPublicAddress(host)) throw new InternalAddress(host);
  // A hard limit until the response begins: after it, no request can reach the server any more.
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), idleTimeoutMs);
  let response: AxiosResponse<Readable>;
  try {
    response = await axios.request<Readable>({
      ...options,
      data: data instanceof Readable ? heard(data, () => timer.refresh()) : data,
      responseType: 'stream',
      validateStatus: () => true,
      maxContentLength: -1,
      maxBodyLength: -1,
      // A redirect would take what a request carries to a place that did not get it from a person.
      maxRedirects: 0,
      // A proxy, as HTTPS_PROXY and NO_PROXY say, is somewhere else: its loopback is not this one's.
      ...(isLoopbackHost(host) && { proxy: false }),
      ...(onlyPublic && { lookup: async (name: string) => [await publicAddressesOf(name)] }),
      signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (deadline.signal.aborted) throw broken(`no answer in ${idleTimeoutMs / 1000} s`);
    const { code, cause } = error as { code?: string; cause?: unknown };
    if (cause instanceof InternalAddress) throw cause;
    // Only the code is taken over: axios errors carry the request, and with it its secrets.
    throw broken(code);
  } finally {
    clearTimeout(timer);
    if (data instanceof Readable) data.destroy();
  }
  return {
    status: response.status,
    header: lookupIn(response.headers),
    body: guarded(response.data, { idleMs: idleTimeoutMs, rate: leastRate }, broken),
  };
};
