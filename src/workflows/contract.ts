// What others may call, by name and type: workflows, their ids, signals, queries, updates, and task queues. Whoever starts,
// asks or steers a workflow imports it from here, and nothing of the workflows themselves.
import { defineSearchAttributeKey } from '@temporalio/common';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DescribedDataflow, ListedDataflow } from '../activities/describe-dataflow.js';
import type { DryRun } from '../activities/dry-run.js';
import type { Forgotten } from '../activities/forget-cells.js';
import type { ConnectionCheck } from '../activities/questions/check-connection.js';
import type { Exploration } from '../activities/questions/explore.js';
import type { Preview as PreviewAnswer } from '../activities/questions/preview.js';
import type { DateRange } from '../dataflow/dates.js';
import type { ApiCalls, DeliverySummary, FlowRun, RunError, RunStatus } from '../dataflow/flow-run.js';
import type { Reconciliation } from '../dataflow/reconcile/reconciliation.js';
import type { LeaseAnswer, LeaseRequest, SettledLease } from '../quota/budget/budget-state.js';
import type { BudgetView } from '../quota/budget/budget-view.js';

/** Where workflows are started, and where their loads run. */
export const TASK_QUEUE = 'pinterest-ads';
/** Beside it: where the short activities of its workflows run, so that they do not queue behind loads of two hours. */
export const shortTaskQueue = (taskQueue: string): string => `${taskQueue}-short`;

// Workflow types. An argument `spec` is a dataflow spec as a person wrote it: the workflow's first activity checks it.

/** Runs a dataflow once; its result is the flow-run record. */
export const DATAFLOW = 'dataflow';
export type Dataflow = (spec: unknown) => Promise<FlowRun>;

/** What a spec would cost, spending nothing but the catalogue. */
export const PLAN_DATAFLOW = 'planDataflow';
export type PlanDataflow = (spec: unknown) => Promise<DryRun>;

// Before a run: each one JSON in, one JSON out. What a person can mend is in the answer, and no failure.

/** `{ connection: { adAccountId?, credential? } }`: whether a token reads an ad account, and what is missing. */
export const CHECK_CONNECTION = 'checkConnection';
export type CheckConnection = (input: unknown) => Promise<ConnectionCheck>;

/** `{ connection, type?, names?, statuses?, limit? }`: the ad accounts of a token, or an ad account's objects. */
export const EXPLORE = 'explore';
export type Explore = (input: unknown) => Promise<Exploration>;

/** A spec: the newest rows that it would bring. */
export const PREVIEW = 'preview';
export type Preview = (input: unknown) => Promise<PreviewAnswer>;

// Beside runs.

/** `{ name, adAccountId?, objectType?, breakdown?, ids?, from?, to? }`: those cells are stale, and the next run reads them again. */
export const FORGET = 'forget';
export type Forget = (input: unknown) => Promise<Forgotten>;

/** What the store holds of a dataflow; null if nothing. What is stale is measured by the spec of its schedule, if it has one. */
export const DESCRIBE_DATAFLOW = 'describeDataflow';
export type DescribeDataflow = (name: string, scheduled?: unknown) => Promise<DescribedDataflow | null>;

/** The dataflows that the store holds something of. */
export const LIST_DATAFLOWS = 'listDataflows';
export type ListDataflows = () => Promise<ListedDataflow[]>;

/** Takes everything that the store holds of a dataflow out of it. */
export const DROP_DATAFLOW = 'dropDataflow';
export type DropDataflow = (name: string) => Promise<{ dropped: boolean }>;

/**
 * `{ name, adAccountId?, from?, to?, columns?, repair? }`: what the store adds up to against Pinterest's own totals; cells that
 * differ are read again if that is asked for.
 */
export const RECONCILE = 'reconcile';
export type Reconcile = (input: unknown) => Promise<Reconciliation>;

/** The budget of one Pinterest app; runs until it is terminated. */
export const QUOTA = 'quota';
export type Quota = () => Promise<void>;

// Workflow ids.

/** The dataflow's name; with its dates if only these were asked for. */
export const dataflowWorkflowId = ({
  name,
  window,
}: {
  name: string;
  window?: DateRange | undefined;
}): string => (window ? `${name}-${window.from}-to-${window.to}` : name);

/** Of the run of one ad account, out of the run of several that it belongs to. */
export const accountWorkflowId = (parentWorkflowId: string, adAccountId: string): string =>
  `${parentWorkflowId}/${adAccountId}`;

export const quotaWorkflowId = (app: string): string => `quota/${app}`;

// What the list of workflows shows of runs.

export const dataflowAttribute = defineSearchAttributeKey('PinterestDataflow', 'KEYWORD');
export const adAccountAttribute = defineSearchAttributeKey('PinterestAdAccount', 'KEYWORD');
/** `running`, or how it ended: `success`, `partial success`, `failed`, `cancelled`, `skipped`. */
export const runStatusAttribute = defineSearchAttributeKey('PinterestRunStatus', 'KEYWORD');
/** Everything that a run wanted is current as of then; only of a success. */
export const currentToAttribute = defineSearchAttributeKey('PinterestCurrentTo', 'DATETIME');

// What a dataflow answers and heeds.

export const progressQuery = defineQuery<DataflowProgress>('progress');
/** Stops at the next chunk boundary. */
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
/** From the run of one ad account to the run of several that it belongs to: how far it is. */
export const accountSignal = defineSignal<[AccountNews]>('account');

export type Phase =
  | 'preparing'
  | 'listing the ad accounts'
  | 'running'
  | 'waiting for another run'
  | 'reading the catalogue'
  | 'planning'
  | 'loading'
  | 'delivering'
  | 'finishing'
  | RunEnd;

/** `done`: with `success` or `partial success`. */
export type RunEnd = 'done' | 'failed' | 'cancelled' | 'skipped';

export interface Waiting {
  /** ISO time. */
  until: string;
  why: string;
}

export interface ReportsMade {
  count: number;
  /** ISO time. */
  nextLookAt: string;
}

export interface DataflowProgress {
  dataflow: string | null;
  adAccountId: string | null;
  phase: Phase;
  paused: boolean;
  startedAt: string;
  window: DateRange | null;
  /** `planned` holds what is known to be left; it grows if a chunk has to be cut in two. */
  chunks: { done: number; running: number; planned: number };
  /** Rows in the store because of this run, by object type. */
  rows: Record<string, number>;
  rejectedRows: number;
  apiCalls: ApiCalls;
  /** What holds the run up. */
  waiting: Waiting | null;
  /** Only while Pinterest is making some. */
  reports?: ReportsMade;
  /**
   * When the run will have ended, ISO time, if it goes on at its pace so far and nobody else spends the quota; null while
   * nothing tells.
   */
  expectedEnd: string | null;
  errors: RunError[];
  /** Worth knowing, though it keeps nothing from being made current; left out if there is none. */
  notices?: RunError[];
  /** Signals that did not fit: they changed nothing. */
  ignoredSignals: number;
  /** If the spec has targets: what was delivered so far. */
  deliveries?: DeliverySummary[];
  /** If the spec names several ad accounts. */
  accounts?: AccountProgress[];
}

export interface AccountNews {
  adAccountId: string;
  chunks: DataflowProgress['chunks'];
  rows: Record<string, number>;
  apiCalls: number;
}

/** One ad account of several; its own workflow knows more. */
export interface AccountProgress extends AccountNews {
  workflowId: string;
  /** As last heard. */
  status: 'waiting its turn' | 'running' | RunStatus;
}

// What a quota answers and heeds.

/** Asks for permits; the answer is immediate. */
export const leaseUpdate = defineUpdate<LeaseAnswer, [LeaseRequest]>('lease');
/** What became of leased permits. */
export const settleSignal = defineSignal<[SettledLease[]]>('settle');
/** Pinterest said to come back in so many ms, and why: everybody waits. */
export const holdSignal = defineSignal<[{ waitMs: number; why: string }]>('hold');
export const budgetQuery = defineQuery<BudgetView>('budget');
