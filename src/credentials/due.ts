// When a pair of tokens is renewed, and by which refresh token. Pure.
import type { App, Grant } from '../pinterest/oauth.js';
import { fingerprint, type Kept } from './kept.js';

const DAY_MS = 86_400_000;
const PART_OF_LIFE = 1 / 10;
/** Pinterest refused an access token that should have been good: the pair is renewed for that no more often. */
const EARLY_AGAIN_MS = 600_000;
/** A refresh token that lives no longer is told of. */
const SOON_MS = 7 * DAY_MS;

/** A day before the access token's end; a tenth of its life before, where that is shorter. */
export const renewAtMs = ({ obtainedAtMs, accessTokenExpiresAtMs }: Grant): number =>
  accessTokenExpiresAtMs - Math.min(DAY_MS, (accessTokenExpiresAtMs - obtainedAtMs) * PART_OF_LIFE);

/** What a refresh is asked with. A refusal is of all of it together: with another app, the same token may be good. */
export interface RenewalFacts {
  app: App | undefined;
  apiUrl: string;
  /** The refresh token that the environment brings in, if any. */
  broughtIn: string | undefined;
  nowMs: number;
  /** An access token that Pinterest has refused. */
  refused: string | undefined;
}

export const askedWith = (
  { app, apiUrl }: Pick<RenewalFacts, 'app' | 'apiUrl'>,
  refreshToken: string,
): string => fingerprint(apiUrl, app?.id ?? '', app?.secret ?? '', refreshToken);

/** The access token, as long as it is good. */
export const goodToken = (
  { grant }: Kept,
  { nowMs, refused }: Pick<RenewalFacts, 'nowMs' | 'refused'>,
): string | undefined =>
  grant && grant.accessTokenExpiresAtMs > nowMs && grant.accessToken !== refused
    ? grant.accessToken
    : undefined;

/** Whether Pinterest refuses an access token that should be good, and nobody has renewed it for that just now. */
export const isRefusedEarly = (
  { grant, renewedEarlyAtMs }: Kept,
  { nowMs, refused }: Pick<RenewalFacts, 'nowMs' | 'refused'>,
): boolean =>
  grant !== null &&
  grant.accessToken === refused &&
  nowMs < renewAtMs(grant) &&
  nowMs - (renewedEarlyAtMs ?? -Infinity) >= EARLY_AGAIN_MS;

/** Of the pair that is kept: what Pinterest said when it refused to renew it with this app; undefined if it did not. */
export const refusalOf = (
  { refusals }: Kept,
  facts: Pick<RenewalFacts, 'app' | 'apiUrl'>,
  refreshToken: string | undefined,
): string | undefined =>
  refreshToken === undefined
    ? undefined
    : refusals.find(({ of }) => of === askedWith(facts, refreshToken))?.said;

/** The refresh token to ask with now; undefined if nothing is due, or asking is in vain. */
export const toAskWith = (kept: Kept, facts: RenewalFacts): string | undefined => {
  const { app, broughtIn, nowMs } = facts;
  if (!app) return undefined;
  const { grant } = kept;
  const isNew = broughtIn !== undefined && !kept.broughtIn.includes(fingerprint(broughtIn));
  const isDue = grant && (nowMs >= renewAtMs(grant) || isRefusedEarly(kept, facts));
  return [isNew ? broughtIn : undefined, isDue ? grant.refreshToken : undefined].find(
    (token) => token !== undefined && refusalOf(kept, facts, token) === undefined,
  );
};

/** Whether the pair's end is near enough to be told of. */
export const endsSoon = ({ grant }: Kept, nowMs: number): boolean =>
  grant?.refreshTokenExpiresAtMs != null && grant.refreshTokenExpiresAtMs - nowMs < SOON_MS;
