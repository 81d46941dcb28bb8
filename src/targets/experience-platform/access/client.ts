// Calls to one sandbox of Experience Platform: the four headers, a token, a modest rate, and typed errors.
import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beginningOf, wholeText } from '../../../http/body.js';
import { masked } from '../../../http/redact.js';
import { isSuccess, send, type HttpResponse } from '../../../http/send.js';
import { errorOfFailure, errorOfResponse, PlatformError, unusable, type Service } from './errors.js';
import { Tokens, type ClientCredentials } from './tokens.js';

export interface Access extends ClientCredentials {
  /** `…@AdobeOrg`. */
  org: string;
  url: string;
}

/** Bytes of a file, both ends included. */
export interface FilePart {
  path: string;
  start: number;
  end: number;
}

export interface PlatformRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below `/data/foundation`, its parts encoded. */
  path: string;
  query?: Record<string, string>;
  /** For messages: "creating a batch". */
  what: string;
  headers?: Record<string, string>;
  /** Sent as JSON; or a part of a file as it is. */
  body?: object;
  part?: FilePart;
  /** It may be sent again if its answer is lost; GET and PUT always may. */
  repeatable?: boolean;
  signal: AbortSignal;
}

/** How long nothing may come; platforms take their time to put a large file together. */
const IDLE_TIMEOUT_MS = 120_000;
/** A list's page, a schema with all of its fields. */
const LONGEST_JSON_BYTES = 2 ** 24;
const LONGEST_IGNORED_BYTES = 10_000;
/** Of a file, on its way into the connection. */
const PIECE_BYTES = 2 ** 18;
/** Calls a second: far from every limit of Adobe's, and enough for any delivery. */
const CALLS_PER_SECOND = 40;
/** Before another try of what may be repeated. */
const PAUSES_MS = [300, 1_000];
/** A throttle that is over so soon is waited for here, a few times; longer ones on the run's timer. */
const SHORT_THROTTLE_MS = 3_000;
const SHORT_THROTTLES = 5;

/** Lets calls pass one after the other, no more than so many a second. */
class Rate {
  private nextMs = 0;

  async pass(signal: AbortSignal): Promise<void> {
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, this.nextMs);
    this.nextMs = atMs + 1_000 / CALLS_PER_SECOND;
    if (atMs > nowMs) await sleep(atMs - nowMs, undefined, { signal });
  }
}

/** What all targets of a worker share: the client's token, and its rate. */
export class Platform {
  private readonly tokens: Tokens;
  private readonly rate = new Rate();

  constructor(private readonly access: Access) {
    this.tokens = new Tokens(access);
  }

  get clientId(): string {
    return this.access.clientId;
  }

  sandbox(name: string): Sandbox {
    return new Sandbox((request) => this.send(name, request));
  }

  /** @throws PlatformError unless a 2xx begins */
  private async send(sandbox: string, request: PlatformRequest): Promise<Answered> {
    let [tries, throttles, tokens] = [0, 0, 0];
    for (;;) {
      request.signal.throwIfAborted();
      let token: string | undefined;
      try {
        token = await this.tokens.token();
        await this.rate.pass(request.signal);
        return await this.attempt(sandbox, request, token);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        const { kind, facts } = error;
        const waitMs = (facts.retryAtMs ?? Infinity) - Date.now();
        // Without a token nothing has left yet.
        const mayRepeat = token === undefined || isRepeatable(request);
        if (facts.status === 401 && token !== undefined && tokens++ === 0) this.tokens.refused(token);
        else if (kind === 'TargetThrottled' && waitMs <= SHORT_THROTTLE_MS && throttles++ < SHORT_THROTTLES)
          await sleep(Math.max(waitMs, 0), undefined, { signal: request.signal });
        else if (kind === 'TargetUnavailable' && mayRepeat && PAUSES_MS[tries] !== undefined)
          await sleep(PAUSES_MS[tries++], undefined, { signal: request.signal });
        else throw error;
      }
    }
  }

  private async attempt(sandbox: string, request: PlatformRequest, token: string): Promise<Answered> {
    const { method, path, query, what, headers, body, part, signal } = request;
    const { url: base, clientId, org } = this.access;
    const service: Service = {
      name: 'Experience Platform',
      variable: 'EXPERIENCE_PLATFORM_URL',
      secret: token,
    };
    const asked = query ? `?${new URLSearchParams(query).toString()}` : '';
    const url = `${base}/data/foundation${path}${asked}`;
    const response = await send(
      {
        method,
        url,
        headers: {
          Accept: 'application/json',
          Authorization: `Bearer ${token}`,
          'x-api-key': clientId,
          'x-gw-ims-org-id': org,
          'x-sandbox-name': sandbox,
          ...(body && { 'Content-Type': 'application/json' }),
          ...(part && {
            'Content-Type': 'application/octet-stream',
            'Content-Length': String(part.end - part.start + 1),
          }),
          ...headers,
        },
        data: part
          ? createReadStream(part.path, { ...part, highWaterMark: PIECE_BYTES })
          : body && JSON.stringify(body),
        idleTimeoutMs: IDLE_TIMEOUT_MS,
        signal,
      },
      (why) => errorOfFailure(service, why, what, new URL(base).host),
    );
    if (isSuccess(response)) return { ...response, service, tokens: this.tokens.given };
    const page = await beginningOf(response.body, IDLE_TIMEOUT_MS);
    throw errorOfResponse(service, response.status, response.header, page, what, Date.now());
  }
}

type Answered = HttpResponse & { service: Service; tokens: readonly string[] };

const isRepeatable = ({ method, repeatable }: PlatformRequest): boolean =>
  repeatable ?? (method === 'GET' || method === 'PUT');

export class Sandbox {
  constructor(private readonly send: (request: PlatformRequest) => Promise<Answered>) {}

  /** The parsed body of a 2xx; like every text, without the tokens that it may quote. */
  async json(request: PlatformRequest): Promise<unknown> {
    const { body, service, tokens } = await this.send(request);
    const text = await wholeText(body, LONGEST_JSON_BYTES, () =>
      unusable(service, request.what, `is longer than ${LONGEST_JSON_BYTES / 2 ** 20} MiB`),
    );
    try {
      return JSON.parse(masked(text, tokens)) as unknown;
    } catch {
      throw unusable(service, request.what, 'is not JSON');
    }
  }

  /** What a body says at its beginning. */
  async text(request: PlatformRequest, longestBytes: number): Promise<string> {
    const { body, tokens } = await this.send(request);
    return masked(await beginningOf(body, IDLE_TIMEOUT_MS, longestBytes), tokens);
  }

  /** Any 2xx will do, whatever its body says. */
  async done(request: PlatformRequest): Promise<void> {
    await this.text(request, LONGEST_IGNORED_BYTES);
  }
}
