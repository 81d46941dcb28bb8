// Pinterest's API over HTTP: every request takes a permit, is counted, carries a token asked for afresh, and ends as a
// stream or a typed error.
import type { Readable } from 'node:stream';
import { parse as parseLossless } from 'lossless-json';
import type { CallKind } from '../dataflow/flow-run.js';
import { beginningOf, wholeText } from '../http/body.js';
import { masked, oneLine } from '../http/redact.js';
import { isSuccess, send, type HttpRequest, type HttpResponse } from '../http/send.js';
import { errorOfFailure, errorOfResponse, PinterestError, type ErrorKind } from './errors.js';
import { usedUpUntil } from './rate-limit.js';

/** What every request passes before it leaves. */
export interface PermitGate {
  /**
   * Waits a moment if it must; rejects if no request may leave soon. `done` is called once the response has begun, or
   * none can come any more.
   */
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

/** How a request ended: `ok` if a 2xx came whole, `given up` if nobody wanted the response any more. */
export type CallOutcome = 'ok' | 'given up' | ErrorKind;

export interface TransportSettings {
  /** `https://api.pinterest.com/v5`, without a slash at the end. */
  apiUrl: string;
  /** How long a response may stay silent, before it starts or while it lasts. */
  idleTimeoutMs: number;
  /** Told of every request once it has ended. */
  ended?(kind: CallKind, outcome: CallOutcome): void;
}

/** What one activity brings to its calls. */
export interface Caller {
  /** Asked for each request: a token may have been renewed since the last one. */
  token(): Promise<string>;
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

/** A 2xx whose body is on its way. */
export interface ApiResponse {
  body: Readable;
  /** Takes the token that was sent out of words that may echo it. */
  masked(words: string): string;
}

/** Numbers that a double would not write the same stay text, so that ids of 18 digits come through exactly. */
const exactNumber = (text: string): number | string => (String(Number(text)) === text ? Number(text) : text);

/** A page of 250 objects takes about one MiB; a body without end must not fill the memory. */
const LONGEST_JSON_BYTES = 64 * 2 ** 20;

export class PinterestTransport {
  constructor(private readonly settings: TransportSettings) {}

  /** Sends an API request under a permit; returns the body of a 2xx as a stream. */
  async stream(caller: Caller, request: ApiRequest): Promise<ApiResponse> {
    // Before the permit, which lives for seconds only: a renewal takes its time, and a permit of its own.
    const token = await caller.token();
    const permit = await caller.gate.take(caller.signal);
    caller.counter.started(request.kind);
    try {
      const query = request.query?.toString();
      const { body, header } = await this.send(
        {
          method: request.method,
          url: `${this.settings.apiUrl}${request.path}${query ? `?${query}` : ''}`,
          headers: { Authorization: `Bearer ${token}`, Accept: 'application/json' },
          data: request.body,
          // A redirect is never followed: it would carry the token to a place that did not get it from a person.
          maxRedirects: 0,
          signal: caller.signal,
        },
        request.what,
        token,
      );
      const untilMs = usedUpUntil(header, Date.now());
      if (untilMs !== undefined)
        await caller.gate.hold(untilMs, 'Pinterest says that no call of this limit is left');
      body.once('close', () => this.ended(request, body));
      return { body, masked: (words) => masked(words, token) };
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

  /** As `stream`, for small responses: the parsed JSON, numbers that a double would change as text. */
  async json(caller: Caller, request: ApiRequest): Promise<unknown> {
    const response = await this.stream(caller, request);
    const unusable = (why: string): PinterestError =>
      new PinterestError('ContractViolation', `Pinterest's answer to ${request.what} ${why}`);
    try {
      const text = await wholeText(response.body, LONGEST_JSON_BYTES, () =>
        unusable(`is longer than ${LONGEST_JSON_BYTES / 2 ** 20} MiB`),
      );
      try {
        return parseLossless(text, undefined, exactNumber);
      } catch {
        throw unusable(`is not JSON: ${oneLine(response.masked(text.slice(0, 1_000)), 100)}`);
      }
    } catch (error) {
      caller.counter.failed();
      throw error;
    }
  }

  /** Downloads a report from storage: no permit, no token, no API call. */
  async download(url: string, what: string, signal?: AbortSignal): Promise<Readable> {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
      throw new PinterestError('ContractViolation', `The download address of ${what} is not a web address`);
    }
    try {
      return (await this.send({ method: 'GET', url, maxRedirects: 5, signal }, what)).body;
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

  /** @throws PinterestError unless a 2xx begins */
  private async send(
    request: Omit<HttpRequest, 'idleTimeoutMs'>,
    what: string,
    token?: string,
  ): Promise<HttpResponse> {
    const { idleTimeoutMs } = this.settings;
    const { host } = new URL(request.url);
    const response = await send({ ...request, idleTimeoutMs }, (why) => errorOfFailure(why, what, host));
    if (isSuccess(response)) return response;
    const { status, header, body } = response;
    const page = await beginningOf(body, idleTimeoutMs);
    throw errorOfResponse(status, header, page, what, Date.now(), token);
  }
}
