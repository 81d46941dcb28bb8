// What calls occupy of the budget: from the grant until one window after the answer is known.
import { compactUsage } from './compact-usage.js';
import type { Budget, Lease, LeaseClass, SettledLease, Usage } from './budget-state.js';

/** Leases remembered at once; with more open than this, new ones are refused. */
export const MOST_LEASES = 300;

/** Permits of a lease that were not reported: with a worker, or lost with it. */
export const openPermits = (lease: Lease): number => lease.permits - lease.spent - lease.unspent;

/** A call counts through the millisecond that the clock cuts off. */
export const freeAtMs = (endMs: number, windowMs: number): number => endMs + windowMs + 1;

/** Calls that count under a limit until one window after their end. */
export interface Occupancy {
  class: LeaseClass;
  count: number;
  /** The latest time at which the calls may have arrived; for open permits, if they were reported now. */
  endMs: number;
  /** For open permits: when their report is expected. The longer it is due, the later; no grant relies on it. */
  expectedEndMs: number;
  open: boolean;
}

export const occupancies = (state: Budget, nowMs: number): Occupancy[] => {
  const occupied: Occupancy[] = [];
  for (const usage of state.accounts) {
    for (const [endMs, count] of usage.spent) {
      occupied.push({ class: usage.class, count, endMs, expectedEndMs: endMs, open: false });
    }
  }
  for (const lease of state.leases) {
    const count = openPermits(lease);
    if (count === 0) continue;
    const { lastArrivalMs } = lease;
    const endMs = Math.min(nowMs, lastArrivalMs);
    const expectedEndMs = Math.min(nowMs + (nowMs - lease.grantedAtMs) / 4, lastArrivalMs);
    occupied.push({ class: lease.class, count, endMs, expectedEndMs, open: nowMs < lastArrivalMs });
  }
  return occupied;
};

const withSpent = (usages: Usage[], lease: Lease, endMs: number, calls: number): Usage[] => {
  if (calls === 0) return usages;
  const known = usages.find((usage) => usage.dataflow === lease.dataflow && usage.class === lease.class);
  if (!known) {
    return [...usages, { dataflow: lease.dataflow, class: lease.class, spent: [[endMs, calls]] }];
  }
  const last = known.spent.at(-1);
  const spent: Usage['spent'] =
    last?.[0] === endMs
      ? [...known.spent.slice(0, -1), [endMs, last[1] + calls]]
      : [...known.spent, [endMs, calls]];
  return usages.map((usage) => (usage === known ? { ...usage, spent } : usage));
};

/** Takes reports into account. What was spent ends now, since a worker's clock says nothing; what was not counts no more. */
export const withSettled = (state: Budget, reports: readonly SettledLease[], nowMs: number): Budget => {
  let { accounts } = state;
  const leases = state.leases.map((lease) => {
    let { spent, unspent } = lease;
    for (const report of reports) {
      if (report.leaseId !== lease.leaseId) continue;
      spent = Math.max(spent, Math.min(report.spent, lease.permits - unspent));
      unspent = Math.max(unspent, Math.min(report.unspent, lease.permits - spent));
    }
    if (spent === lease.spent && unspent === lease.unspent) return lease;
    accounts = withSpent(accounts, lease, Math.min(nowMs, lease.lastArrivalMs), spent - lease.spent);
    return { ...lease, spent, unspent };
  });
  return { ...state, leases, accounts };
};

/** Permits that died in a crash count as spent, as late as they could have arrived. */
const buried = (state: Budget, dead: ReadonlySet<Lease>): Budget => {
  let { accounts } = state;
  for (const lease of dead) accounts = withSpent(accounts, lease, lease.lastArrivalMs, openPermits(lease));
  return { ...state, accounts, leases: state.leases.filter((lease) => !dead.has(lease)) };
};

/** Calls are remembered for a day at least: they count under limits that are named only then. */
const memoryMs = ({ longestWindowMs, limitsHoldMs }: Budget): number =>
  limitsHoldMs === undefined ? longestWindowMs : Math.max(longestWindowMs, 86_400_000);

/**
 * Forgets what no longer counts. A settled lease is remembered while its request may be retried; one with open permits
 * for as long as they count, so that a late report can still free them.
 */
export const withoutFreed = (state: Budget, nowMs: number): Budget => {
  const rememberedMs = memoryMs(state);
  const isRecent = (endMs: number): boolean => freeAtMs(endMs, rememberedMs) > nowMs;
  const leases = state.leases.filter(
    (lease) => lease.lastArrivalMs >= nowMs || (openPermits(lease) > 0 && isRecent(lease.lastArrivalMs)),
  );
  const accounts = state.accounts
    .map((usage) =>
      usage.spent.every(([endMs]) => isRecent(endMs))
        ? usage
        : { ...usage, spent: usage.spent.filter(([endMs]) => isRecent(endMs)) },
    )
    .filter((usage) => usage.spent.length > 0);
  let kept: Budget = {
    ...state,
    leases,
    accounts: compactUsage(accounts, state.limits, rememberedMs, nowMs),
  };
  if (kept.leases.length >= MOST_LEASES) {
    kept = { ...kept, leases: kept.leases.filter((lease) => openPermits(lease) > 0) };
  }
  if (kept.leases.length >= MOST_LEASES) {
    kept = buried(kept, new Set(kept.leases.filter((lease) => lease.lastArrivalMs < nowMs)));
  }
  return kept;
};
