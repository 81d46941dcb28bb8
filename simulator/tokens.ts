// Which bearer tokens are good, and how OAuth makes new ones. Refresh tokens are used once.
import { randomBytes } from 'node:crypto';
import type { SimulatorSettings } from './settings.js';
import { clockMs } from './wire/request-log.js';

export interface IssuedTokens {
  accessToken: string;
  refreshToken: string;
}

export interface Tokens {
  /** A label for the log: which token it is, without saying it. */
  labelOf(authorization: string): string;
  accepts(authorization: string | undefined): boolean;
  revoke(authorization: string | undefined): void;
  issue(): IssuedTokens;
  /** Uses up a refresh token or an authorization code; false if it was never given out or is used up. */
  redeem(kind: 'code' | 'refresh_token', secret: string | undefined): boolean;
}

const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];

export const createTokens = (settings: SimulatorSettings): Tokens => {
  const issued = new Map<string, { label: string; expiresAt: number }>();
  const refreshTokens = new Set([settings.oauth.refreshToken]);
  const codes = new Set([settings.oauth.code]);
  const revoked = new Set<string>();

  return {
    labelOf: (authorization) => {
      const token = bearerOf(authorization);
      if (token === undefined) return 'not a bearer token';
      return token === settings.token ? 'configured' : (issued.get(token)?.label ?? 'unknown');
    },
    accepts: (authorization) => {
      const token = bearerOf(authorization);
      if (token === undefined || revoked.has(token)) return false;
      return token === settings.token || (issued.get(token)?.expiresAt ?? 0) > clockMs();
    },
    revoke: (authorization) => {
      const token = bearerOf(authorization);
      if (token !== undefined) revoked.add(token);
    },
    issue: () => {
      const accessToken = `pina_${randomBytes(24).toString('hex')}`;
      const refreshToken = `pinr.${randomBytes(24).toString('hex')}`;
      issued.set(accessToken, {
        label: `issued ${issued.size + 1}`,
        expiresAt: clockMs() + settings.oauth.tokenLifetimeMs,
      });
      refreshTokens.add(refreshToken);
      return { accessToken, refreshToken };
    },
    redeem: (kind, secret) => (kind === 'code' ? codes : refreshTokens).delete(secret ?? ''),
  };
};
