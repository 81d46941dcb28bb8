// When a pair is renewed, and by which token, whatever is kept and whatever time it is.
import fc from 'fast-check';
import {
  askedWith,
  endsSoon,
  goodToken,
  isRefusedEarly,
  refusalOf,
  renewAtMs,
  toAskWith,
  type RenewalFacts,
} from '../../src/credentials/due.js';
import { fingerprint, type Kept } from '../../src/credentials/kept.js';
import type { Grant } from '../../src/pinterest/oauth.js';

const DAY_MS = 86_400_000;
const NOW_MS = 1_800_000_000_000;
const API_URL = 'https://api.example/v5';

const token = fc.constantFrom('one', 'two', 'three', 'four');
const app = fc.constantFrom({ id: 'app', secret: 'secret' }, { id: 'app', secret: 'another' });
/** Around now, near and far. */
const time = fc
  .oneof(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -90 * DAY_MS, max: 90 * DAY_MS }))
  .map((ms) => NOW_MS + ms);
const grant: fc.Arbitrary<Grant> = fc
  .record({
    accessToken: token,
    obtainedAtMs: time,
    lifeMs: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 60 * DAY_MS })),
    refreshToken: token,
    refreshTokenExpiresAtMs: fc.option(time),
  })
  .map(({ lifeMs, ...rest }) => ({
    ...rest,
    accessTokenExpiresAtMs: rest.obtainedAtMs + lifeMs,
    scopes: [],
  }));
const refusal = fc.record({ app, refreshToken: token }).map(({ app, refreshToken }) => ({
  of: askedWith({ app, apiUrl: API_URL }, refreshToken),
  said: 'no',
  atMs: NOW_MS,
}));
const kept: fc.Arbitrary<Kept> = fc.record({
  grant: fc.option(grant),
  broughtIn: fc.array(
    token.map((one) => fingerprint(one)),
    { maxLength: 3 },
  ),
  refusals: fc.array(refusal, { maxLength: 3 }),
  renewedEarlyAtMs: fc.option(time),
});
const facts: fc.Arbitrary<RenewalFacts> = fc.record({
  app: fc.option(app, { nil: undefined }),
  apiUrl: fc.constant(API_URL),
  broughtIn: fc.option(token, { nil: undefined }),
  nowMs: fc.constant(NOW_MS),
  refused: fc.option(token, { nil: undefined }),
});

test('nothing is asked without an app, with what was refused, or with what was brought in before', () =>
  fc.assert(
    fc.property(kept, facts, (kept, facts) => {
      const asked = toAskWith(kept, facts);
      if (asked === undefined) return;
      expect(facts.app).toBeDefined();
      expect(refusalOf(kept, facts, asked)).toBeUndefined();
      const ofGrant = asked === kept.grant?.refreshToken;
      const isNew = asked === facts.broughtIn && !kept.broughtIn.includes(fingerprint(asked));
      expect(ofGrant || isNew).toBe(true);
    }),
  ));

test('once it is refused, the same is not asked again, however time goes on', () =>
  fc.assert(
    fc.property(kept, facts, fc.nat(90 * DAY_MS), (kept, facts, laterMs) => {
      const asked = toAskWith(kept, facts);
      fc.pre(asked !== undefined);
      const refusals = [...kept.refusals, { of: askedWith(facts, asked), said: 'no', atMs: facts.nowMs }];
      const later = { ...facts, nowMs: facts.nowMs + laterMs };
      expect(toAskWith({ ...kept, refusals }, later)).not.toBe(asked);
    }),
  ));

test('an access token is renewed within its life: no earlier than a day before its end, nor than its last tenth', () =>
  fc.assert(
    fc.property(grant, (grant) => {
      const { obtainedAtMs, accessTokenExpiresAtMs: endMs } = grant;
      const atMs = renewAtMs(grant);
      expect(atMs).toBeGreaterThan(obtainedAtMs);
      expect(atMs).toBeLessThan(endMs);
      expect(endMs - atMs).toBeLessThanOrEqual(Math.min(DAY_MS, (endMs - obtainedAtMs) / 10 + 1));
    }),
  ));

test('a pair of an app is due from then on, and before that only if Pinterest refuses its token', () =>
  fc.assert(
    fc.property(grant, facts, fc.option(time), (grant, facts, renewedEarlyAtMs) => {
      const kept: Kept = { grant, broughtIn: [], refusals: [], renewedEarlyAtMs };
      const isDue = toAskWith(kept, { ...facts, broughtIn: undefined }) !== undefined;
      const isEarly = isRefusedEarly(kept, facts);
      expect(isDue).toBe(facts.app !== undefined && (facts.nowMs >= renewAtMs(grant) || isEarly));
      expect(!isEarly || grant.accessToken === facts.refused).toBe(true);
    }),
  ));

test('a token that is handed out has not ended, and is not the one that was refused', () =>
  fc.assert(
    fc.property(kept, facts, (kept, facts) => {
      const good = goodToken(kept, facts);
      const { accessToken, accessTokenExpiresAtMs } = kept.grant ?? {};
      const isGood = accessTokenExpiresAtMs! > facts.nowMs && accessToken !== facts.refused;
      expect(good).toBe(isGood ? accessToken : undefined);
    }),
  ));

test('what ends soon goes on ending soon until there is another pair', () =>
  fc.assert(
    fc.property(kept, fc.nat(90 * DAY_MS), (kept, laterMs) => {
      const endMs = kept.grant?.refreshTokenExpiresAtMs;
      expect(endsSoon(kept, NOW_MS)).toBe(endMs != null && endMs < NOW_MS + 7 * DAY_MS);
      expect(!endsSoon(kept, NOW_MS) || endsSoon(kept, NOW_MS + laterMs)).toBe(true);
    }),
  ));
