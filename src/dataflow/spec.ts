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

/** `ids` and `names` (with `*` as wildcard) are alternatives; the ad account itself has neither. */
export interface ObjectSelection {
  type: ObjectType;
  ids?: 'all' | string[] | undefined;
  names?: string[] | undefined;
  /** Pinterest's targeting types: the numbers are read by each of them as well. */
  breakdowns?: string[] | undefined;
}

/** A dataset of Adobe Experience Platform; it, its schema and field group are found by name, or made. */
export interface ExperiencePlatformTarget {
  kind: 'experience-platform';
  sandbox: string;
  /** A name. */
  dataset: string;
  /** Target path → a column of the store, or a JSONata expression of its columns; instead of `shape`. */
  mapping?: Record<string, string> | undefined;
  /** The store's columns under the tenant's namespace, or Adobe's own `paidMedia`. */
  shape: 'columns' | 'paid-media';
  /** A batch fails beyond as many failed rows in percent. */
  errorThresholdPercent: number;
  /** Deliver although rows stand there that no delivery of this dataflow brought. */
  adopt: boolean;
}

/** Parquet files in a folder below the worker's `PARQUET_FOLDER`. */
export interface ParquetTarget {
  kind: 'parquet';
  /** Relative, `acme` or `acme/ads`. */
  path: string;
  adopt: boolean;
}

export type TargetSpec = ExperiencePlatformTarget | ParquetTarget;
export type TargetKind = TargetSpec['kind'];

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
  /** Never a person's: within `window`, only cells that are noted as incomplete are read again. */
  repairs?: true;
  errorThresholdPercent: number;
  /** Views for another program, in a schema of their own: `fivetran` are the sources of its package dbt_pinterest. */
  views?: 'fivetran' | undefined;
  targets: TargetSpec[];
}

/** Every ad account that the credential may read, or these. */
export type AdAccountIds = 'all' | string[];

/** A spec for several ad accounts: run as one dataflow for each. */
export interface ManyAccountsSpec extends Omit<DataflowSpec, 'connection'> {
  connection: { adAccountIds: AdAccountIds; credential: string };
}

export const isOfOneAccount = (spec: DataflowSpec | ManyAccountsSpec): spec is DataflowSpec =>
  (spec as DataflowSpec).connection.adAccountId !== undefined;
