// How an app gets tokens for a person's ad accounts: the consent page, and POST /oauth/token.
// https://developers.pinterest.com/docs/getting-started/set-up-authentication-and-authorization/
import { z } from 'zod';
import { KnownError } from '../dataflow/failures.js';
import { notPinterests, PinterestError, type ErrorKind } from './errors.js';
import { whyNot } from './page.js';
import type { ApiRequest, Caller, PinterestTransport } from './transport.js';

/** An app as Pinterest's developer page shows it. */
export interface App {
  id: string;
  secret: string;
}

/** All that dataflows read, and the name of the token's user. */
export const SCOPES = ['ads:read', 'user_accounts:read'] as const;

/** What Pinterest gives for a code or for a refresh token. */
export interface Grant {
  accessToken: string;
  /** Epoch ms, as is all time here: counted from before the request, so it is never too late. */
  accessTokenExpiresAtMs: number;
  obtainedAtMs: number;
  /** The one that the next refresh needs: after a refresh the one before it is dead. */
  refreshToken: string;
  /** Null if nothing tells. */
  refreshTokenExpiresAtMs: number | null;
  scopes: string[];
}

const DAY_SECONDS = 86_400;
/** How soon an access token is renewed, at the latest, if the answer does not say how long it lives. */
const ACCESS_TOKEN_SECONDS = DAY_SECONDS;
/** How long a new refresh token lives by Pinterest's documentation, if the answer does not say. */
const REFRESH_TOKEN_SECONDS = 60 * DAY_SECONDS;

const token = z
  .string()
  .max(10_000)
  .regex(/^[\x21-\x7e]+$/);
const seconds = z.coerce
  .number()
  .positive()
  .max(10 * 365 * DAY_SECONDS);

/** The tokens before it are dead: whatever else is odd about an answer, those that it brings are kept. */
const answer = z.object({
  access_token: token,
  expires_in: seconds.nullish().catch(null),
  refresh_token: z.preprocess((value) => (value === '' ? null : value), token.nullish()),
  refresh_token_expires_in: seconds.nullish().catch(null),
  scope: z.string().max(10_000).nullish().catch(null),
});

/**
 * The page on which a person lets the app read.
 * @param page Pinterest's, `https://www.pinterest.com/oauth/`
 */
export const consentAddress = (
  page: string,
  { appId, redirectUri, state }: { appId: string; redirectUri: string; state: string },
): string => {
  const address = new URL(page);
  address.search = new URLSearchParams({
    ...Object.fromEntries(address.searchParams),
    client_id: appId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: SCOPES.join(','),
    state,
  }).toString();
  return address.href;
};

/** What a call for tokens passes, as all calls do. */
export type AppCaller = Pick<Caller, 'gate' | 'counter' | 'signal'>;

/** Pinterest gives no tokens for what it was asked with, and would not the next time, either. */
export class GrantRefused extends KnownError<'CredentialExpired'> {
  override readonly name = 'GrantRefused';

  /** @param said Pinterest's status and words */
  constructor(
    what: string,
    readonly said: string,
    status: number | undefined,
  ) {
    const hint = status === 401 ? '. Do PINTEREST_APP_ID and PINTEREST_APP_SECRET belong together?' : '';
    super('CredentialExpired', `Pinterest refused ${what} (${said})${hint}`);
  }
}

const REFUSALS: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'Refused',
  'CredentialExpired',
  'AccessDenied',
  'TooLarge',
]);

interface Question {
  what: string;
  form: Record<string, string>;
  /** Of the form. */
  secret: string;
  /** What goes on being good if the answer brings no other. */
  refreshToken?: string;
}

const ask = async (
  transport: PinterestTransport,
  caller: AppCaller,
  app: App,
  { what, form, secret, refreshToken }: Question,
): Promise<Grant> => {
  const basic = Buffer.from(`${app.id}:${app.secret}`).toString('base64');
  const askedAtMs = Date.now();
  const request: ApiRequest = {
    kind: 'other',
    what,
    method: 'POST',
    path: '/oauth/token',
    // Apps of before September 2025 ask for refresh tokens that are renewed with each refresh; the others get no others.
    body: new URLSearchParams({ ...form, continuous_refresh: 'true' }),
    secrets: [secret, app.secret],
  };
  let response: unknown;
  try {
    response = await transport.json(
      { ...caller, scheme: 'Basic', token: () => Promise.resolve(basic) },
      request,
    );
  } catch (error) {
    if (!(error instanceof PinterestError) || !REFUSALS.has(error.kind)) throw error;
    const { status, said = `HTTP ${status}`, foreign } = error.facts;
    if (foreign) throw new PinterestError('Transient', notPinterests(what, said));
    throw new GrantRefused(what, said, status);
  }
  const parsed = answer.safeParse(response);
  const refresh = parsed.data?.refresh_token ?? refreshToken;
  if (!parsed.success || refresh === undefined) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is no pair of tokens: ${parsed.success ? 'refresh_token is missing' : whyNot(parsed.error)}`,
    );
  }
  const { access_token, expires_in, refresh_token, refresh_token_expires_in, scope } = parsed.data;
  const refreshSeconds = refresh_token_expires_in ?? (refresh_token ? REFRESH_TOKEN_SECONDS : null);
  return {
    accessToken: access_token,
    accessTokenExpiresAtMs: askedAtMs + (expires_in ?? ACCESS_TOKEN_SECONDS) * 1000,
    obtainedAtMs: askedAtMs,
    refreshToken: refresh,
    refreshTokenExpiresAtMs: refreshSeconds === null ? null : askedAtMs + refreshSeconds * 1000,
    scopes: (scope ?? '').split(/[\s,]+/).filter((word) => word !== ''),
  };
};

/**
 * The tokens for what the consent page gave.
 * @throws GrantRefused, or PinterestError if Pinterest could not be asked
 */
export const exchangeCode = (
  transport: PinterestTransport,
  caller: AppCaller,
  app: App,
  { code, redirectUri }: { code: string; redirectUri: string },
): Promise<Grant> =>
  ask(transport, caller, app, {
    what: 'the code of the consent page',
    form: { grant_type: 'authorization_code', code, redirect_uri: redirectUri },
    secret: code,
  });

/**
 * New tokens for a refresh token, which is dead then.
 * @throws GrantRefused, or PinterestError if Pinterest could not be asked
 */
export const refreshGrant = (
  transport: PinterestTransport,
  caller: AppCaller,
  app: App,
  refreshToken: string,
): Promise<Grant> =>
  ask(transport, caller, app, {
    what: 'the renewal of an access token',
    form: { grant_type: 'refresh_token', refresh_token: refreshToken },
    secret: refreshToken,
    refreshToken,
  });
