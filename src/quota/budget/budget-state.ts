// The budget's words: what is asked of it, what it answers, and the state it keeps between two questions.
import type { QuotaLimit } from '../limits.js';

/**
 * What calls are for, the most urgent first: `question` for the few that somebody waits for, `fresh` for chunks with cells
 * that are not final, `backfill` for the rest. The order in line and the shares follow from this list.
 */
export const LEASE_CLASSES = ['question', 'fresh', 'backfill'] as const;

export type LeaseClass = (typeof LEASE_CLASSES)[number];

/** How a lease stands, in totals since it was granted: a report that arrives twice changes nothing. */
export interface SettledLease {
  leaseId: string;
  /** Permits whose request was answered or timed out. */
  spent: number;
  /** Permits that no request used nor ever will. */
  unspent: number;
}

/** Reports that one message may hold. */
export const MOST_SETTLED = 1_000;

export interface LeaseRequest {
  /** Unique per lease; a retried request carries the same one. */
  leaseId: string;
  dataflow: string;
  class: LeaseClass;
  /** Permits wished for. */
  want: number;
  /** Fewer than these are of no use. */
  need: number;
  /** The asking worker's PINTEREST_QUOTA. */
  limits: readonly QuotaLimit[];
  settled: readonly SettledLease[];
}

export type LeaseAnswer =
  | { kind: 'granted'; leaseId: string; permits: number; ttlMs: number }
  /**
   * `retryAtMs` is on the budget's clock; `waitMs` is how far away that is, for those whose clock differs. Who waits long
   * asks again at `askAgainAtMs`, without losing its place in line: the limits may have changed.
   */
  | { kind: 'refused'; retryAtMs: number; waitMs: number; why: string; askAgainAtMs?: number };

export type LeaseEvent = { kind: 'lease' } & LeaseRequest;

export type BudgetEvent =
  | LeaseEvent
  | { kind: 'settle'; settled: readonly SettledLease[] }
  /** Pinterest said to hold back; `untilMs` is on the budget's clock. */
  | { kind: 'hold'; untilMs: number; why: string }
  /** A message that does not fit. */
  | { kind: 'misfit'; why: string };

export interface BudgetTiming {
  /** How long a permit lives, on its holder's monotonic clock, from before it was asked for. */
  ttlMs: number;
  /** A request that left is answered or given up within this time. */
  requestTimeoutMs: number;
  /** How long past its time a place in line is kept. */
  graceMs: number;
}

export const DEFAULT_TIMING: BudgetTiming = { ttlMs: 15_000, requestTimeoutMs: 60_000, graceMs: 10_000 };

/** A granted lease: its permits that are neither spent nor unspent are with a worker, or died with it. */
export interface Lease {
  leaseId: string;
  dataflow: string;
  class: LeaseClass;
  grantedAtMs: number;
  /** No request under this lease can arrive later than this, reported or not. */
  lastArrivalMs: number;
  permits: number;
  spent: number;
  unspent: number;
}

/** Calls that left for one dataflow: pairs of the time at which they were known to be over, and how many. */
export interface Usage {
  dataflow: string;
  class: LeaseClass;
  spent: [endMs: number, calls: number][];
}

/** A refusal that holds a place in line. */
export interface Waiter {
  leaseId: string;
  dataflow: string;
  class: LeaseClass;
  need: number;
  sinceMs: number;
  /** When it joined, counted in turns: every grant and every newcomer in line is one. */
  joinedTurn: number;
  retryAtMs: number;
  /** When it asks again, if that is sooner. */
  askAgainAtMs?: number | undefined;
  /** Permits kept for it from `retryAtMs` on. */
  kept: number;
}

/** The turns of a dataflow's last two grants. */
export interface LastGrants {
  dataflow: string;
  before: number;
  last: number;
}

export interface SeenLimit extends QuotaLimit {
  /** When a worker named it last. */
  seenMs: number;
  /** Since when it has been named without a break; earlier versions did not keep it. */
  sinceMs?: number | undefined;
}

/** How long a limit holds after a worker named it last. */
export const LIMITS_HOLD_MS = 600_000;

/** Of a reason, so many characters are kept. */
export const REASON_LENGTH = 300;

/** Plain JSON, bounded in size: it travels through continue-as-new. */
export interface Budget {
  timing: BudgetTiming;
  /** The latest time seen: the budget's clock never runs backwards. */
  nowMs: number;
  /** The limits in force: for each window the strictest. */
  limits: SeenLimit[];
  /** Others that workers named lately: one of them holds if the stricter one lapses. */
  looserLimits?: SeenLimit[] | undefined;
  /** `LIMITS_HOLD_MS`; in runs that earlier versions began it is left out, and each limit holds for its window. */
  limitsHoldMs?: number | undefined;
  /** The longest window ever seen: calls are remembered this long, and a day at least. */
  longestWindowMs: number;
  leases: Lease[];
  accounts: Usage[];
  line: Waiter[];
  turn: number;
  /** As far as somebody in line has to know them. */
  lastGrants: LastGrants[];
  /** When each class last asked for a lease. */
  askedMs: Partial<Record<LeaseClass, number>>;
  heldBack: { untilMs: number; why: string } | null;
  /** Messages that did not fit and were ignored. */
  misfits?: { count: number; lastMs: number; why: string } | undefined;
}

export const newBudget = (timing: BudgetTiming = DEFAULT_TIMING): Budget => ({
  timing,
  nowMs: 0,
  limits: [],
  looserLimits: [],
  limitsHoldMs: LIMITS_HOLD_MS,
  longestWindowMs: 0,
  leases: [],
  accounts: [],
  line: [],
  turn: 0,
  lastGrants: [],
  askedMs: {},
  heldBack: null,
});
