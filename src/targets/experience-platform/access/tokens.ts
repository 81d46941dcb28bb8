// Access tokens by client credentials: one for all who share a client, asked for again shortly before it ends.
// https://developer.adobe.com/developer-console/docs/guides/authentication/ServerToServerAuthentication/implementation
import { beginningOf, wholeText } from '../../../http/body.js';
import { isSuccess, send } from '../../../http/send.js';
import { errorOfFailure, errorOfResponse, unusable, type Service } from './errors.js';

export interface ClientCredentials {
  clientId: string;
  clientSecret: string;
  /** With commas. */
  scopes: string;
  imsUrl: string;
}

const WHAT = 'asking for an access token';
const IDLE_TIMEOUT_MS = 30_000;
const LONGEST_BYTES = 100_000;
/** Before its end, or a tenth of its life if that is shorter. */
const MARGIN_MS = 300_000;
/** If IMS does not say how long a token lives. */
const LIFE_S = 3_600;
const TOKENS_REMEMBERED = 5;

export class Tokens {
  private held: { token: string; untilMs: number } | undefined;
  private asked: Promise<string> | undefined;
  /** The latest first: what an answer may echo, also one to an earlier call. */
  private readonly latest: string[] = [];
  private readonly ims: Service;

  constructor(
    private readonly credentials: ClientCredentials,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    const { clientSecret: secret } = credentials;
    this.ims = { name: 'IMS', variable: 'EXPERIENCE_PLATFORM_IMS_URL', secret };
  }

  /** Whoever asks while one is on its way waits for the same. */
  token(): Promise<string> {
    if (this.held && this.nowMs() < this.held.untilMs) return Promise.resolve(this.held.token);
    this.asked ??= this.ask().finally(() => {
      this.asked = undefined;
    });
    return this.asked;
  }

  /** What no words of an answer may show. */
  get given(): readonly string[] {
    return this.latest;
  }

  /** It was not taken: the next who asks gets a new one. */
  refused(token: string): void {
    if (this.held?.token === token) this.held = undefined;
  }

  private async ask(): Promise<string> {
    const { clientId, clientSecret, scopes, imsUrl } = this.credentials;
    const askedMs = this.nowMs();
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: scopes,
    });
    const url = `${imsUrl}/ims/token/v3`;
    const response = await send(
      {
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
        data: form.toString(),
        idleTimeoutMs: IDLE_TIMEOUT_MS,
      },
      (why) => errorOfFailure(this.ims, why, WHAT, new URL(url).host),
    );
    if (!isSuccess(response)) {
      const page = await beginningOf(response.body, IDLE_TIMEOUT_MS);
      throw errorOfResponse(this.ims, response.status, response.header, page, WHAT, Date.now());
    }
    const { token, lifeS } = this.read(
      await wholeText(response.body, LONGEST_BYTES, () => unusable(this.ims, WHAT, 'is too long')),
    );
    this.latest.unshift(token);
    this.latest.splice(TOKENS_REMEMBERED);
    this.held = { token, untilMs: askedMs + lifeS * 1_000 - Math.min(MARGIN_MS, lifeS * 100) };
    return token;
  }

  private read(body: string): { token: string; lifeS: number } {
    let answer: { access_token?: unknown; expires_in?: unknown } = {};
    try {
      answer = Object(JSON.parse(body)) as typeof answer;
    } catch {
      // Has no token.
    }
    const { access_token: token, expires_in: lives } = answer;
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      throw unusable(this.ims, WHAT, 'has no access token');
    const lifeS = Number(lives);
    return { token, lifeS: lifeS > 0 ? lifeS : LIFE_S };
  }
}
