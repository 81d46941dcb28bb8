// Which tokens are good and for what, and how OAuth makes new ones. Codes and refresh tokens are used once.
import { randomBytes } from 'node:crypto';
import type { SimulatorSettings } from './settings.js';

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
}

/** What stands behind a code or a refresh token. */
export interface Consent {
  scopes: readonly string[];
  /** A code is good only with the redirect address that it was sent to; any, if undefined. */
  redirectUri?: string;
}

export interface Tokens {
  /** A label for the log: which token it is, without saying it. */
  labelOf(authorization: string): string;
  accepts(authorization: string | undefined): boolean;
  scopesOf(authorization: string | undefined): readonly string[];
  revoke(authorization: string | undefined): void;
  /** A code for what a person has just consented to. */
  consented(consent: Consent): string;
  issue(scopes: readonly string[]): IssuedTokens;
  /** Uses up a code or a refresh token; undefined if it was never given out, is used up, or has died of age. */
  redeem(kind: 'code' | 'refresh_token', secret: string): Consent | undefined;
}

const LIMITED_SCOPES = ['boards:read', 'pins:read', 'user_accounts:read'];

const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];

interface Issued {
  label: string;
  scopes: readonly string[];
  expiresAt: number;
}

export const createTokens = (settings: SimulatorSettings): Tokens => {
  const { oauth } = settings;
  const issued = new Map<string, Issued>();
  const secrets = {
    code: new Map<string, Consent>([[oauth.code, { scopes: settings.scopes }]]),
    refresh_token: new Map<string, Consent & { expiresAt: number }>([
      [oauth.refreshToken, { scopes: settings.scopes, expiresAt: Infinity }],
    ]),
  };
  const revoked = new Set<string>();
  const issuedTo = (authorization: string | undefined): Issued | undefined =>
    issued.get(bearerOf(authorization) ?? '');

  return {
    labelOf: (authorization) => {
      const token = bearerOf(authorization);
      if (token === undefined) return 'not a bearer token';
      if (token === settings.token) return 'configured';
      return token === settings.limitedToken ? 'limited' : (issued.get(token)?.label ?? 'unknown');
    },
    accepts: (authorization) => {
      const token = bearerOf(authorization);
      if (token === undefined || revoked.has(token)) return false;
      if (token === settings.token || token === settings.limitedToken) return true;
      return (issued.get(token)?.expiresAt ?? 0) > settings.now();
    },
    scopesOf: (authorization) => {
      const limited = bearerOf(authorization) === settings.limitedToken ? LIMITED_SCOPES : settings.scopes;
      const scopes = issuedTo(authorization)?.scopes ?? limited;
      return scopes.filter((scope) => settings.scopes.includes(scope));
    },
    revoke: (authorization) => {
      const token = bearerOf(authorization);
      if (token !== undefined) revoked.add(token);
    },
    consented: (consent) => {
      const code = randomBytes(24).toString('hex');
      secrets.code.set(code, consent);
      return code;
    },
    issue: (scopes) => {
      const accessToken = `pina_${randomBytes(24).toString('hex')}`;
      const refreshToken = `pinr.${randomBytes(24).toString('hex')}`;
      if (oauth.refreshEndsAccess) for (const token of issued.keys()) revoked.add(token);
      issued.set(accessToken, {
        label: `issued ${issued.size + 1}`,
        scopes,
        expiresAt: settings.now() + oauth.tokenLifetimeMs,
      });
      secrets.refresh_token.set(refreshToken, {
        scopes,
        expiresAt: settings.now() + oauth.refreshTokenLifetimeMs,
      });
      return { accessToken, refreshToken };
    },
    redeem: (kind, secret) => {
      const found: (Consent & { expiresAt?: number }) | undefined = secrets[kind].get(secret);
      secrets[kind].delete(secret);
      return (found?.expiresAt ?? Infinity) > settings.now() ? found : undefined;
    },
  };
};
