// Pinterest's limits as data: what one call may ask for, by profile, method and granularity.
import type { Granularity, Method } from './chunk.js';
import { addDays, type DateOnly } from './dates.js';

export type Profile = 'current' | 'v5-2023';
export const PROFILES: readonly Profile[] = ['current', 'v5-2023'];

export interface Limits {
  /** Dates that can be reached, today included: 90 reaches today − 89. */
  daysBack: number;
  /** Dates one call may span, both ends included. */
  rangeDays: number;
  /** Ids one call may name. */
  ids: number;
}

interface MethodLimits {
  hour: Limits;
  other: Limits;
}

const reports: MethodLimits = {
  hour: { daysBack: 8, rangeDays: 3, ids: 500 },
  other: { daysBack: 914, rangeDays: 186, ids: 500 },
};

/**
 * `current`: the limits of API 5.23 to 5.28, as its pages state them:
 * https://developers.pinterest.com/docs/api/v5/campaigns-analytics and
 * https://developers.pinterest.com/docs/api/v5/analytics-create_report.
 * `v5-2023`: those of 2023, as Adobe's page of its Pinterest Ads source quoted them then:
 * https://experienceleague.adobe.com/en/docs/experience-platform/sources/connectors/advertising/pinterest-ads.
 * The texts leave one day open ("90 days back"); the conservative reading holds everywhere.
 */
const GUARDRAILS: Record<Profile, Record<Method, MethodLimits>> = {
  'v5-2023': {
    analytics: {
      hour: { daysBack: 8, rangeDays: 3, ids: 100 },
      other: { daysBack: 914, rangeDays: 186, ids: 100 },
    },
    report: reports,
  },
  current: {
    analytics: {
      hour: { daysBack: 8, rangeDays: 3, ids: 250 },
      other: { daysBack: 90, rangeDays: 90, ids: 250 },
    },
    report: reports,
  },
};

export const limitsOf = (profile: Profile, method: Method, granularity: Granularity): Limits =>
  GUARDRAILS[profile][method][granularity === 'HOUR' ? 'hour' : 'other'];

/** Days that the most patient method of any profile reaches. */
export const FURTHEST_BACK = { hour: reports.hour.daysBack, other: reports.other.daysBack } as const;

/** The furthest date that a limit of `daysBack` reaches. */
export const furthestDate = (today: DateOnly, daysBack: number): DateOnly => addDays(today, -(daysBack - 1));

/** Values that a cell may have rows of, by breakdown: more than that do not spoil a load, they cost a call or two more. */
const VALUES: Readonly<Record<string, number>> = {
  AGE_BUCKET: 8,
  AGE_BUCKET_AND_GENDER: 24,
  APPTYPE: 6,
  COUNTRY: 50,
  CREATIVE_TYPE: 10,
  GENDER: 3,
  PLACEMENT: 3,
};
const MANY_VALUES = 200;

/** Rows that a cell is expected to have at most. */
export const rowsPerCell = (breakdown: string | undefined): number =>
  breakdown === undefined ? 1 : (VALUES[breakdown] ?? MANY_VALUES);

/** An analytics response is unpaginated, and large ones get truncated or time out. */
export const ROWS_PER_ANSWER = 20_000;
