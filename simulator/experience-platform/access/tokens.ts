// Which bearer tokens are good.
import { randomBytes } from 'node:crypto';
import { clockMs } from '../../wire/request-log.js';

export interface Tokens {
  issue(): string;
  /** All that were, for tests that look for them where they must not be. */
  issued(): string[];
  accepts(authorization: string): boolean;
  revoke(authorization: string | undefined): void;
  /** A label for the log: which token it is, without saying it. */
  labelOf(authorization: string): string;
}

const bearerOf = (authorization: string | undefined): string =>
  /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1] ?? '';

export const createTokens = (settings: { tokenLifetimeMs: number }): Tokens => {
  const issued = new Map<string, { label: string; expiresAt: number }>();
  return {
    issue: () => {
      const token = `eyJ${randomBytes(60).toString('base64url')}`;
      issued.set(token, {
        label: `issued ${issued.size + 1}`,
        expiresAt: clockMs() + settings.tokenLifetimeMs,
      });
      return token;
    },
    issued: () => [...issued.keys()],
    accepts: (authorization) => (issued.get(bearerOf(authorization))?.expiresAt ?? 0) > clockMs(),
    revoke: (authorization) => {
      const token = issued.get(bearerOf(authorization));
      if (token) token.expiresAt = 0;
    },
    labelOf: (authorization) => issued.get(bearerOf(authorization))?.label ?? 'unknown',
  };
};
