// Pinterest's API over HTTP: every request takes a permit, is counted, carries a token asked for afresh, and ends as a
// stream or a typed error.
import type { Readable } from 'node:stream';
import { parse as parseLossless } from 'lossless-json';
import type { CallKind } from '../dataflow/flow-run.js';
import { beginningOf, wholeText } from '../http/body.js';
import { masked, oneLine } from '../http/redact.js';
import { isSuccess, send, type HttpRequest, type HttpResponse } from '../http/send.js';
import { download, type DownloadSettings } from './download.js';
import { errorOfFailure, errorOfResponse, PinterestError, type ErrorKind } from './errors.js';
import { usedUpUntil } from './rate-limit.js';

/** What every request passes before it leaves. */
export interface PermitGate {
  /**
   * Waits a moment if it must; rejects if no request may leave soon. `done` is called once the response has begun, or
   * none can come any more; `undo`, if the request certainly never left.
   */
  take(signal?: AbortSignal): Promise<{ done(): void; undo(): void }>;
  /** Hears what Pinterest says of its own limits: nobody is to ask before `untilMs`. */
  hold(untilMs: number, why: string): Promise<void>;
  /** No more calls follow. */
  end(): Promise<void>;
}

/** Told of every request as it leaves, and of every failure: the numbers of the flow-run record. */
export interface CallCounter {
  /** Returns what takes it back: the request certainly never left. */
  started(kind: CallKind): () => void;
  failed(): void;
}

/** For calls of no run: no record has a place for them. */
export const UNCOUNTED: CallCounter = { started: () => () => undefined, failed: () => undefined };

/** How a request ended: `ok` if a 2xx came whole, `given up` if nobody wanted the response any more. */
export type CallOutcome = 'ok' | 'given up' | ErrorKind;

export interface TransportSettings extends DownloadSettings {
  /** Told of every request once it has ended. */
  ended?(kind: CallKind, outcome: CallOutcome): void;
}

/** What one activity brings to its calls. */
export interface Caller {
  /**
   * Asked for each request: a token may have been renewed since the last one.
   * @param refused one that Pinterest has just refused; another is wanted, if there is one
   */
  token(refused?: string): Promise<string>;
  /** What the token is; left out: an access token. */
  scheme?: 'Basic';
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
  /** Sent as JSON; as a form, if it is one. */
  body?: unknown;
  /** What the request carries in secret beside its token. The response is secret then, too: no message quotes it. */
  secrets?: readonly string[];
  /** Of a response that is read as one text, unpacked; left out: `LONGEST_JSON_BYTES`. */
  longestBytes?: number;
}

/** A 2xx whose body is on its way. */
export interface ApiResponse {
  body: Readable;
  /** Takes what was sent in secret out of words that may echo it. */
  masked(words: string): string;
}

/** Numbers that a double would not write the same stay text, so that ids of 18 digits come through exactly. */
const exactNumber = (text: string): number | string => (String(Number(text)) === text ? Number(text) : text);

/** An ad account or the state of a report takes a few hundred bytes; a body without end must not fill the memory. */
const LONGEST_JSON_BYTES = 2 ** 20;

export class PinterestTransport {
  constructor(private readonly settings: TransportSettings) {}

  /**
   * Sends an API request under a permit; returns the body of a 2xx as a stream. If its token is refused and there is
   * another, it is sent once more with that one.
   */
  async stream(caller: Caller, request: ApiRequest): Promise<ApiResponse> {
    // Before the permit, which lives for seconds only: a renewal takes its time, and a permit of its own.
    const token = await caller.token();
    try {
      return await this.streamWith(token, caller, request);
    } catch (error) {
      if (!(error instanceof PinterestError && error.kind === 'CredentialExpired')) throw error;
      const another = await caller.token(token);
      if (another === token) throw error;
      return this.streamWith(another, caller, request);
    }
  }

  private async streamWith(token: string, caller: Caller, request: ApiRequest): Promise<ApiResponse> {
    const secrets = [token, ...(request.secrets ?? [])];
    const permit = await caller.gate.take(caller.signal);
    const uncount = caller.counter.started(request.kind);
    let left = true;
    try {
      const query = request.query?.toString();
      const { body, header } = await this.send(
        {
          method: request.method,
          url: `${this.settings.apiUrl}${request.path}${query ? `?${query}` : ''}`,
          headers: { Authorization: `${caller.scheme ?? 'Bearer'} ${token}`, Accept: 'application/json' },
          data: request.body,
          signal: caller.signal,
        },
        request.what,
        secrets,
      );
      const usedUp = usedUpUntil(header, Date.now());
      if (usedUp)
        await caller.gate.hold(usedUp.atMs, `No call of Pinterest's limit is left, by ${usedUp.said}`);
      body.once('close', () => this.ended(request, body));
      return { body, masked: (words) => masked(words, secrets) };
    } catch (error) {
      left = !(error instanceof PinterestError && error.facts.unreachable);
      if (left) {
        caller.counter.failed();
        this.settings.ended?.(request.kind, error instanceof PinterestError ? error.kind : 'given up');
      } else {
        uncount();
      }
      if (error instanceof PinterestError && error.kind === 'RateLimited') {
        await caller.gate.hold(error.facts.retryAtMs!, error.message);
      }
      throw error;
    } finally {
      if (left) permit.done();
      else permit.undo();
    }
  }

  /** As `stream`, for small responses: the parsed JSON, numbers that a double would change as text. */
  async json(caller: Caller, request: ApiRequest): Promise<unknown> {
    const response = await this.stream(caller, request);
    const unusable = (why: string): PinterestError =>
      new PinterestError('ContractViolation', `Pinterest's answer to ${request.what} ${why}`);
    const { longestBytes = LONGEST_JSON_BYTES } = request;
    try {
      const text = await wholeText(response.body, longestBytes, () =>
        unusable(`is longer than ${longestBytes / 2 ** 20} MiB`),
      );
      if (text.trim() === '') throw unusable('has no body');
      try {
        return parseLossless(text, undefined, exactNumber);
      } catch {
        const beginning = oneLine(response.masked(text.slice(0, 1_000)), 100);
        throw unusable(request.secrets ? 'is not JSON' : `is not JSON: ${beginning}`);
      }
    } catch (error) {
      caller.counter.failed();
      throw error;
    }
  }

  /** Downloads a report from the address that Pinterest gave. */
  download(address: string, what: string, signal?: AbortSignal): Promise<Readable> {
    return download(address, what, this.settings, signal);
  }

  private ended({ kind }: ApiRequest, { errored, readableEnded }: Readable): void {
    const unlessBroken = readableEnded ? 'ok' : 'given up';
    this.settings.ended?.(kind, errored instanceof PinterestError ? errored.kind : unlessBroken);
  }

  /** @throws PinterestError unless a 2xx begins */
  private async send(
    request: Omit<HttpRequest, 'idleTimeoutMs'>,
    what: string,
    secrets: readonly string[],
  ): Promise<HttpResponse> {
    const { idleTimeoutMs, leastRate } = this.settings;
    const { host } = new URL(request.url);
    const response = await send({ ...request, idleTimeoutMs, leastRate }, (why) =>
      errorOfFailure(why, what, host),
    );
    if (isSuccess(response)) return response;
    const { status, header, body } = response;
    const page = await beginningOf(body, idleTimeoutMs);
    throw errorOfResponse(status, header, page, what, Date.now(), secrets);
  }
}
