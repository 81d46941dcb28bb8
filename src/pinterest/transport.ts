// HTTP to Pinterest's API: every request takes a permit, is counted, and ends as a stream or a typed error.
import { Transform, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import axios, { type AxiosResponse } from 'axios';
import { parse as parseLossless } from 'lossless-json';
import type { CallKind } from '../dataflow/flow-run.js';
import { errorOfFailure, errorOfResponse, PinterestError, type ErrorKind } from './errors.js';
import { usedUpUntil, type HeaderLookup } from './rate-limit.js';
import { masked, oneLine } from '../http/redact.js';

/** What every request passes before it leaves. */
export interface PermitGate {
  /** Waits for leave a moment; rejects where no request may leave soon. `done` when the answer has begun, or none came. */
  take(signal?: AbortSignal): Promise<{ done(): void }>;
  /** Hears what Pinterest says of its own limits: nobody is to ask before `untilMs`. */
  hold(untilMs: number, why: string): Promise<void>;
  /** No more calls follow. */
  end(): Promise<void>;
}

/** Told of every request as it leaves and of every failure: the numbers of the flow-run record. */
export interface CallCounter {
  started(kind: CallKind): void;
  failed(): void;
}

/** How a request ended: `ok` where a 2xx came whole, `given up` where nobody wanted the answer any more. */
export type CallOutcome = 'ok' | 'given up' | ErrorKind;

export interface TransportSettings {
  /** `https://api.pinterest.com/v5`, without a slash at the end. */
  apiUrl: string;
  /** How long an answer may stay silent, before it starts or while it lasts. */
  idleTimeoutMs: number;
  /** Told of every request once it has ended. */
  ended?(kind: CallKind, outcome: CallOutcome): void;
}

/** What one activity brings to its calls. */
export interface Caller {
  token: string;
  gate: PermitGate;
  counter: CallCounter;
  signal?: AbortSignal | undefined;
}

export interface ApiRequest {
  kind: CallKind;
  /** For messages: "analytics of 20 campaigns, 2026-05-01 to 2026-05-31". */
  what: string;
  method: 'GET' | 'POST';
  path: string;
  query?: URLSearchParams;
  body?: unknown;
}

/** Numbers that a double would not write the same stay text, so that ids of 18 digits come through exactly. */
const exactNumber = (text: string): number | string => (String(Number(text)) === text ? Number(text) : text);

/** Of the page that comes with an error, no more is read. */
const ERROR_PAGE_BYTES = 10_000;

/** The body as a stream that ends with a typed error: when it breaks off, or nothing comes for `idleMs`. */
const guarded = (source: Readable, idleMs: number, broken: (why: string) => PinterestError): Readable => {
  let timer: NodeJS.Timeout;
  const body = new Transform({
    transform(bytes, _encoding, done) {
      timer.refresh();
      done(null, bytes);
    },
    flush(done) {
      clearTimeout(timer);
      done();
    },
    destroy(error, done) {
      clearTimeout(timer);
      source.destroy();
      done(error);
    },
  });
  timer = setTimeout(() => body.destroy(broken(`no byte for ${idleMs / 1000} s`)), idleMs);
  source.on('error', (error: NodeJS.ErrnoException) => body.destroy(broken(error.code ?? 'cut off')));
  source.on('aborted', () => body.destroy(broken('cut off')));
  // It may break before its reader begins to listen, who hears of it all the same: without a listener it would be a crash.
  body.on('error', () => {});
  return source.pipe(body);
};

/** What an error page says at its beginning: it may have no end, and is not worth a long wait. */
const beginningOf = async (page: Readable, longestMs: number): Promise<string> => {
  const pieces: Buffer[] = [];
  let bytes = 0;
  const timer = setTimeout(() => page.destroy(), longestMs);
  try {
    for await (const piece of page as AsyncIterable<Buffer>) {
      pieces.push(piece);
      if ((bytes += piece.length) >= ERROR_PAGE_BYTES) break;
    }
  } catch {
    // What came before it broke off has to do.
  } finally {
    clearTimeout(timer);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
};

export class PinterestTransport {
  constructor(private readonly settings: TransportSettings) {}

  /** Sends an API request under a permit; answers with the body of a 2xx as a stream. */
  async stream(caller: Caller, request: ApiRequest): Promise<Readable> {
    const permit = await caller.gate.take(caller.signal);
    caller.counter.started(request.kind);
    try {
      const query = request.query?.toString();
      const url = `${this.settings.apiUrl}${request.path}${query ? `?${query}` : ''}`;
      // A redirect is never followed: it would carry the token to a place that did not get it from a person.
      const { body, header } = await this.send(url, request.what, caller.signal, {
        method: request.method,
        data: request.body,
        maxRedirects: 0,
        token: caller.token,
      });
      const untilMs = usedUpUntil(header, Date.now());
      if (untilMs !== undefined)
        await caller.gate.hold(untilMs, 'Pinterest says that no call of this limit is left');
      body.once('close', () => this.ended(request, body));
      return body;
    } catch (error) {
      caller.counter.failed();
      this.settings.ended?.(request.kind, error instanceof PinterestError ? error.kind : 'given up');
      if (error instanceof PinterestError && error.kind === 'RateLimited') {
        await caller.gate.hold(error.facts.retryAtMs!, error.message);
      }
      throw error;
    } finally {
      permit.done();
    }
  }

  /** As `stream`, for small answers: the parsed JSON, numbers that a double would change as text. */
  async json(caller: Caller, request: ApiRequest): Promise<unknown> {
    const body = await this.stream(caller, request);
    let answer: string;
    try {
      answer = await text(body);
    } catch (error) {
      caller.counter.failed();
      throw error;
    }
    try {
      return parseLossless(answer, undefined, exactNumber);
    } catch {
      caller.counter.failed();
      throw new PinterestError(
        'ContractViolation',
        `Pinterest's answer to ${request.what} is not JSON: ${oneLine(masked(answer.slice(0, 1_000), caller.token), 100)}`,
      );
    }
  }

  /** Downloads a report from storage: no permit, no token, no API call. */
  async download(url: string, what: string, signal?: AbortSignal): Promise<Readable> {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new PinterestError('ContractViolation', `The download address of ${what} is not a web address`);
    }
    try {
      return (await this.send(url, what, signal, { method: 'GET', maxRedirects: 5 })).body;
    } catch (error) {
      // Storage answers 403 or 404 for an address whose five minutes are over: the next poll brings a fresh one.
      if (error instanceof PinterestError && error.kind !== 'Transient') {
        throw new PinterestError(
          'Transient',
          `The download of ${what} failed: HTTP ${error.facts.status ?? '?'}`,
        );
      }
      throw error;
    }
  }

  private ended({ kind }: ApiRequest, { errored, readableEnded }: Readable): void {
    const unlessBroken = readableEnded ? 'ok' : 'given up';
    this.settings.ended?.(kind, errored instanceof PinterestError ? errored.kind : unlessBroken);
  }

  private async send(
    url: string,
    what: string,
    signal: AbortSignal | undefined,
    { token, ...options }: { method: string; data?: unknown; maxRedirects: number; token?: string },
  ): Promise<{ body: Readable; header: HeaderLookup }> {
    const { idleTimeoutMs } = this.settings;
    const { host } = new URL(url);
    let response: AxiosResponse<Readable>;
    // A hard limit until the answer begins, connecting included: after it, no request can reach the server any more.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), idleTimeoutMs);
    try {
      response = await axios.request<Readable>({
        ...options,
        url,
        headers: token === undefined ? {} : { Authorization: `Bearer ${token}`, Accept: 'application/json' },
        responseType: 'stream',
        validateStatus: () => true,
        maxContentLength: -1,
        signal: signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal,
      });
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (deadline.signal.aborted) throw errorOfFailure(`no answer in ${idleTimeoutMs / 1000} s`, what, host);
      // Only the code is taken over: axios errors carry the request, and with it the token.
      throw errorOfFailure((error as { code?: string }).code, what, host);
    } finally {
      clearTimeout(timer);
    }
    const body = guarded(response.data, idleTimeoutMs, (why) => errorOfFailure(why, what, host));
    const header = (name: string): string | undefined => {
      const value: unknown = response.headers[name];
      return value === undefined || value === null ? undefined : String(value);
    };
    if (response.status >= 200 && response.status < 300) return { body, header };
    const page = await beginningOf(body, idleTimeoutMs);
    throw errorOfResponse(response.status, header, page, what, Date.now(), token);
  }
}
