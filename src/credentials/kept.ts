// A credential as it is kept: the pair of tokens, and what is known of refresh tokens that are used up.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Grant } from '../pinterest/oauth.js';

const time = z.iso.datetime().transform((text) => Date.parse(text));

const grant = z.object({
  accessToken: z.string().min(1),
  accessTokenExpiresAt: time,
  obtainedAt: time,
  refreshToken: z.string().min(1),
  refreshTokenExpiresAt: time.nullable(),
  scopes: z.array(z.string()),
});

const kept = z.object({
  version: z.literal(1),
  grant: grant.nullable(),
  broughtIn: z.array(z.string()),
  refusals: z.array(z.object({ of: z.string(), said: z.string(), at: time })),
  renewedEarlyAt: time.nullable(),
});

export interface Kept {
  /** Null until a first pair was had: of a refresh token that was brought in and refused, only that is known. */
  grant: Grant | null;
  /** Fingerprints of refresh tokens that came out of the environment: they are used up, however long they stand there. */
  broughtIn: readonly string[];
  /** The last refusals, each by the fingerprint of what was asked with: the same is not asked again. */
  refusals: readonly { of: string; said: string; atMs: number }[];
  /** When the pair was last renewed because Pinterest refused an access token that should have been good. */
  renewedEarlyAtMs: number | null;
}

export const NOTHING_KEPT: Kept = { grant: null, broughtIn: [], refusals: [], renewedEarlyAtMs: null };

/** Says whether it is the same text, and not which. */
export const fingerprint = (...texts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(texts)).digest('base64url');

const iso = (ms: number): string => new Date(ms).toISOString();

export const writeKept = ({ grant, broughtIn, refusals, renewedEarlyAtMs }: Kept): string => {
  const written: z.input<typeof kept> = {
    version: 1,
    grant: grant && {
      accessToken: grant.accessToken,
      accessTokenExpiresAt: iso(grant.accessTokenExpiresAtMs),
      obtainedAt: iso(grant.obtainedAtMs),
      refreshToken: grant.refreshToken,
      refreshTokenExpiresAt:
        grant.refreshTokenExpiresAtMs === null ? null : iso(grant.refreshTokenExpiresAtMs),
      scopes: grant.scopes,
    },
    broughtIn: [...broughtIn],
    refusals: refusals.map(({ of, said, atMs }) => ({ of, said, at: iso(atMs) })),
    renewedEarlyAt: renewedEarlyAtMs === null ? null : iso(renewedEarlyAtMs),
  };
  return `${JSON.stringify(written, null, 2)}\n`;
};

/** @throws Error that quotes nothing, if the text is no credential of this version */
export const readKept = (text: string): Kept => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON');
  }
  const { success, data, error } = kept.safeParse(json);
  if (!success) throw new Error(`it is no credential of this version (${error.issues[0]!.path.join('.')})`);
  return {
    grant: data.grant && {
      accessToken: data.grant.accessToken,
      accessTokenExpiresAtMs: data.grant.accessTokenExpiresAt,
      obtainedAtMs: data.grant.obtainedAt,
      refreshToken: data.grant.refreshToken,
      refreshTokenExpiresAtMs: data.grant.refreshTokenExpiresAt,
      scopes: data.grant.scopes,
    },
    broughtIn: data.broughtIn,
    refusals: data.refusals.map(({ of, said, at }) => ({ of, said, atMs: at })),
    renewedEarlyAtMs: data.renewedEarlyAt,
  };
};
