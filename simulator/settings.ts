// Everything about the simulator that can be set. All of it but host, port, seed and middleware may change while it runs.
import type { RequestHandler } from 'express';
import type { FaultRule } from './wire/faults.js';

export interface AdAccountSettings {
  id: string;
  name: string;
  currency: string;
  country: string;
  /** Business roles of the token's user, in Pinterest's words. */
  permissions: string[];
  /** How many objects; raising `ads` while it runs makes new ads appear. */
  campaigns: number;
  adGroups: number;
  ads: number;
}

/** At most `calls` requests in any `windowMs`. */
export interface QuotaLimit {
  calls: number;
  windowMs: number;
}

export interface SimulatorSettings {
  /** The address to listen on. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  seed: number;
  /** The id of the default ad account. */
  adAccountId: string;
  adAccounts: AdAccountSettings[];
  /** The bearer token that is accepted, besides those that OAuth hands out. */
  token: string;
  /** What a token may do at most. */
  scopes: string[];
  /** A token as the developer page makes it: without `ads:read`. */
  limitedToken: string;
  oauth: {
    clientId: string;
    clientSecret: string;
    /** Good once, besides the codes that the consent page gives. */
    code: string;
    /** Good once, besides those that were handed out. */
    refreshToken: string;
    tokenLifetimeMs: number;
    refreshTokenLifetimeMs: number;
    /** Whether a refresh also kills the access tokens that came before it. */
    refreshEndsAccess: boolean;
    /** Every refresh is refused, as if the person had taken consent back. */
    refusesRefresh: boolean;
  };
  /**
   * The calendar: what "today" is, how old a number is when it is read, and how long tokens live. Waiting and quotas use
   * real time.
   */
  now: () => number;
  /** Which guardrails hold on the analytics endpoints. */
  profile: 'current' | 'v5-2023';
  /** The first poll that may answer FINISHED, and how long a report takes at least. */
  reportPollsUntilReady: number;
  reportReadyAfterMs: number;
  reportLifetimeMs: number;
  downloadUrlLifetimeMs: number;
  latencyMs: number;
  quota: QuotaLimit[];
  faults: FaultRule[];
  /** Ids that the account does not have: left out of the answer, or a 404 for the whole request. */
  unknownIds: 'ignore' | 'refuse';
  /** Analytics and reports show ids as JSON numbers in some rows, as the live API does. */
  idsAsNumbers: boolean;
  /** The first poll of some reports answers a status of null, as the live API does. */
  nullReportStatus: boolean;
  /** What lists show of an object instead of what the seed says. Its numbers stay. */
  changed: (id: string) => { name?: string; status?: 'ACTIVE' | 'PAUSED' | 'ARCHIVED' };
  /** Whether an ad may deliver on a day (days since 1970): where it may not, its numbers are gone from the answers. */
  delivers: (adId: string, day: number) => boolean;
  /** Put before the routes of the API. */
  middleware: RequestHandler[];
}

export type SimulatorOptions = Partial<Omit<SimulatorSettings, 'adAccounts'>> & {
  adAccounts?: Partial<AdAccountSettings>[];
};

const DAY_MS = 86_400_000;
const DEFAULT_AD_ACCOUNT_ID = '549755885175';

const adAccount = (given: Partial<AdAccountSettings>): AdAccountSettings => ({
  id: DEFAULT_AD_ACCOUNT_ID,
  name: 'Acme Home & Garden',
  currency: 'USD',
  country: 'US',
  permissions: ['OWNER'],
  campaigns: 20,
  adGroups: 60,
  ads: 300,
  ...given,
});

export const settingsFrom = ({ adAccounts, ...given }: SimulatorOptions): SimulatorSettings => {
  const adAccountId = given.adAccountId ?? DEFAULT_AD_ACCOUNT_ID;
  return {
    host: '127.0.0.1',
    port: 0,
    seed: 1,
    token: 'simulator-token',
    scopes: ['ads:read', 'boards:read', 'pins:read', 'user_accounts:read'],
    limitedToken: 'simulator-limited-token',
    oauth: {
      clientId: 'simulator-app',
      clientSecret: 'simulator-secret',
      code: 'simulator-code',
      refreshToken: 'simulator-refresh-token',
      tokenLifetimeMs: 30 * DAY_MS,
      refreshTokenLifetimeMs: 60 * DAY_MS,
      refreshEndsAccess: false,
      refusesRefresh: false,
    },
    now: Date.now,
    profile: 'current',
    reportPollsUntilReady: 2,
    reportReadyAfterMs: 0,
    reportLifetimeMs: 3_600_000,
    downloadUrlLifetimeMs: 300_000,
    latencyMs: 0,
    quota: [],
    faults: [],
    unknownIds: 'ignore',
    idsAsNumbers: true,
    nullReportStatus: true,
    changed: () => ({}),
    delivers: () => true,
    middleware: [],
    ...given,
    adAccountId,
    adAccounts: (adAccounts ?? [{ id: adAccountId }]).map(adAccount),
  };
};
