// The dataflow spec: what a run is to make current. How one that a person wrote becomes one: `parse-spec.ts`.
import type { Granularity } from './chunk.js';
import type { DateRange } from './dates.js';
import type { Profile } from './guardrails.js';
import type { ObjectType } from './object-types.js';

export type ReportTime = 'TIME_OF_AD_ACTION' | 'TIME_OF_CONVERSION';

export interface Attribution {
  clickWindowDays: number;
  engagementWindowDays: number;
  viewWindowDays: number;
  conversionReportTime: ReportTime;
}

/** `ids` and `names` (with `*` as wildcard) are alternatives. */
export interface ObjectSelection {
  type: ObjectType;
  ids?: 'all' | string[] | undefined;
  names?: string[] | undefined;
}

/** A spec with every default filled in. */
export interface DataflowSpec {
  name: string;
  connection: { adAccountId: string; credential: string };
  source: {
    objects: ObjectSelection[];
    granularity: Granularity;
    columns: string[];
    attribution: Attribution;
    backfillDays: number;
    restateDays: number;
    api: Profile;
  };
  window?: DateRange | undefined;
  errorThresholdPercent: number;
  targets: never[];
}

/** Every ad account that the credential may read, or these. */
export type AdAccountIds = 'all' | string[];

/** A spec for several ad accounts: run as one dataflow for each. */
export interface ManyAccountsSpec extends Omit<DataflowSpec, 'connection'> {
  connection: { adAccountIds: AdAccountIds; credential: string };
}

export const isOfOneAccount = (spec: DataflowSpec | ManyAccountsSpec): spec is DataflowSpec =>
  (spec as DataflowSpec).connection.adAccountId !== undefined;
