// The store: where rows, catalogue, coverage, claims and flow runs of every dataflow live. One schema per dataflow.
import type { Granularity, ObjectType } from '../dataflow/chunk.js';
import type { MetricColumn } from '../dataflow/columns.js';
import type { CoverageRow, CoverageStamp, KnownObject } from '../dataflow/coverage.js';
import type { DateOnly, DateRange } from '../dataflow/dates.js';
import type { FlowRun, RunStatus } from '../dataflow/flow-run.js';
import type { Held } from '../dataflow/freshness.js';
import type { Replacement } from '../dataflow/replace.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import type { StagedAnswer } from '../loading/staging.js';

/** One dataflow's data of one ad account. */
export interface DataflowAccount {
  /** The dataflow's name, `acme-ads`; its schema is `acme_ads`. */
  dataflow: string;
  adAccountId: string;
}

export interface TableShape {
  objectType: ObjectType;
  metrics: readonly MetricColumn[];
  hourly: boolean;
}

/** Who runs a dataflow for an ad account, and with what spec. */
export interface Claim {
  namespace: string;
  workflowId: string;
  /** The workflow's first execution; stays the same when it continues as new. */
  runId: string;
  claimedAtMs: number;
  spec: DataflowSpec;
  /** False once the run has ended. */
  open: boolean;
}

export interface AdAccountRow {
  id: string;
  name: string | null;
  currency: string | null;
  country: string | null;
  permissions: readonly string[];
}

/** How far the catalogue of one object type has been read. */
export interface CatalogueState {
  /** When the last complete reading ended, server's time; null before the first. */
  completedAtMs: number | null;
  /** The bookmark of a reading under way, or null. */
  bookmark: string | null;
  /** True while a reading is under way. */
  reading: boolean;
}

export interface CatalogueObject extends KnownObject {
  name: string | null;
}

export type CatalogueItem = { id: string } & Record<string, unknown>;

export interface ChunkCommit {
  place: DataflowAccount;
  objectType: ObjectType;
  granularity: Granularity;
  restateDays: number;
  metrics: readonly MetricColumn[];
  staged: StagedAnswer;
  stamp: CoverageStamp;
  /** Whole periods that the chunk asked for: a rejected row spoils the one it belongs to. */
  periods: readonly DateRange[];
  /** Called inside the lock with what the store holds then. */
  settle(coverage: readonly CoverageRow[]): Replacement;
  /** For `rejected_rows`: which chunk a row came with. */
  chunk: string;
  runId: string;
}

export interface CommitResult {
  /** Rows that stand in the store now because of this commit. */
  rows: number;
  rejectedRows: number;
  /** The answer left cells of its own chunk stale: asking again may not help either. */
  stillStale: boolean;
  restated: { cells: number; rowsChanged: number; oldestDateChanged: DateOnly | null };
}

/** What a commit that changed nothing comes to. */
export const NOTHING_COMMITTED: CommitResult = {
  rows: 0,
  rejectedRows: 0,
  stillStale: false,
  restated: { cells: 0, rowsChanged: 0, oldestDateChanged: null },
};

/** What the store knows of a dataflow of one ad account, for those who watch. */
export interface Holding {
  place: DataflowAccount;
  /** Of the last run that claimed it. */
  spec: DataflowSpec;
  /** Of each object type of the spec. */
  held: ReadonlyMap<ObjectType, Held>;
  /** When the last run of each status ended, epoch ms. */
  lastRuns: ReadonlyMap<RunStatus, number>;
}

/** Hears of a dataflow that cannot be read. */
export type Unreadable = (dataflow: string, error: Error) => void;

export interface Store {
  /** Makes the schema and every table of a dataflow but those of analytics. Safe to repeat. */
  open(dataflow: string): Promise<void>;
  /** The granularities of the cells a dataflow holds. */
  granularities(dataflow: string): Promise<string[]>;
  /** Makes the analytics tables, and columns that are new. Safe to repeat. */
  prepare(dataflow: string, tables: readonly TableShape[]): Promise<void>;

  /** All claims ever made on a dataflow, one an ad account. */
  claims(dataflow: string): Promise<(Claim & { adAccountId: string })[]>;
  /**
   * Claims the dataflow unless another workflow holds it; answers with who holds it afterwards. An open claim is
   * taken over only from `takeOverFrom`, the holder that was seen to be gone.
   */
  claim(place: DataflowAccount, claim: Claim, takeOverFrom?: string): Promise<Claim>;
  release(place: DataflowAccount, workflowId: string): Promise<void>;

  saveAdAccount(place: DataflowAccount, account: AdAccountRow, loadedAtMs: number): Promise<void>;
  /** When the ad account was last read, epoch ms, or null. */
  adAccountReadAtMs(place: DataflowAccount): Promise<number | null>;

  catalogueState(place: DataflowAccount, objectType: ObjectType): Promise<CatalogueState>;
  /** Upserts a page together with where the reading stands. */
  saveCataloguePage(
    place: DataflowAccount,
    objectType: ObjectType,
    items: readonly CatalogueItem[],
    loadedAtMs: number,
    state: CatalogueState | null,
  ): Promise<void>;
  objects(place: DataflowAccount, objectType: ObjectType): Promise<CatalogueObject[]>;
  /** Object types with rows of ids that the catalogue lacks and that were first loaded after it was read. */
  typesWithUnknownIds(place: DataflowAccount): Promise<ObjectType[]>;

  coverage(place: DataflowAccount, objectType: ObjectType): Promise<CoverageRow[]>;
  /** Rows, coverage and rejected rows in one transaction, or nothing. */
  commitChunk(commit: ChunkCommit): Promise<CommitResult>;

  saveFlowRun(place: DataflowAccount, workflowId: string, run: FlowRun): Promise<void>;

  /**
   * All dataflows and ad accounts that were ever claimed; changes nothing.
   * @param patienceMs how long to wait for a store that cannot be used now
   * @param unreadable hears of a dataflow that cannot be read while others can, and is left out
   */
  holdings(patienceMs: number, unreadable: Unreadable): Promise<Holding[]>;
}

/** `acme-ads` → `acme_ads`. */
export const schemaName = (dataflow: string): string => dataflow.replaceAll('-', '_');

export const ANALYTICS_TABLE: Readonly<Record<ObjectType, string>> = {
  campaigns: 'campaign_analytics',
  ad_groups: 'ad_group_analytics',
  ads: 'ad_analytics',
};

/** The store cannot be used, and why, for a person. `locked` passes by itself. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  constructor(
    message: string,
    readonly locked: boolean,
  ) {
    super(message);
  }
}
