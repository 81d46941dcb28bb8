// The places that calls occupy in the budget: from the grant until one window after the answer is known.
import { compacted } from './compact-usage.js';
import type { Account, Budget, Lease, LeaseClass, SettledLease } from './budget-state.js';

/** Leases remembered at once; with more open than this, new ones are refused. */
export const MOST_LEASES = 300;

/** Permits of a lease that were not reported: with a worker, or lost with it. */
export const openPermits = (lease: Lease): number => lease.permits - lease.spent - lease.unspent;

/** A place stays occupied through the millisecond that the clock cuts off. */
export const freeAtMs = (endMs: number, windowMs: number): number => endMs + windowMs + 1;

export interface Occupied {
  class: LeaseClass;
  count: number;
  /** The latest time at which the calls may have arrived; for open permits, if they were reported now. */
  endMs: number;
  /** For open permits: when their report is expected. The longer it is due, the later; no grant relies on it. */
  expectedEndMs: number;
  open: boolean;
}

export const occupiedPlaces = (state: Budget, nowMs: number): Occupied[] => {
  const places: Occupied[] = [];
  for (const account of state.accounts) {
    for (const [endMs, count] of account.spent) {
      places.push({ class: account.class, count, endMs, expectedEndMs: endMs, open: false });
    }
  }
  for (const lease of state.leases) {
    const count = openPermits(lease);
    if (count === 0) continue;
    const { lastArrivalMs } = lease;
    const endMs = Math.min(nowMs, lastArrivalMs);
    const expectedEndMs = Math.min(nowMs + (nowMs - lease.grantedAtMs) / 4, lastArrivalMs);
    places.push({ class: lease.class, count, endMs, expectedEndMs, open: nowMs < lastArrivalMs });
  }
  return places;
};

const withSpent = (accounts: Account[], lease: Lease, endMs: number, calls: number): Account[] => {
  if (calls === 0) return accounts;
  const isIts = (account: Account): boolean =>
    account.dataflow === lease.dataflow && account.class === lease.class;
  const known = accounts.find(isIts);
  if (!known) {
    return [...accounts, { dataflow: lease.dataflow, class: lease.class, spent: [[endMs, calls]] }];
  }
  const last = known.spent.at(-1);
  const spent: Account['spent'] =
    last?.[0] === endMs
      ? [...known.spent.slice(0, -1), [endMs, last[1] + calls]]
      : [...known.spent, [endMs, calls]];
  return accounts.map((account) => (account === known ? { ...account, spent } : account));
};

/** Takes reports into account. What was spent ends now, since a worker's clock says nothing; what was not frees its place. */
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

/**
 * Forgets what no longer matters. A settled lease is remembered while its request may be retried; one with open permits
 * for as long as they occupy places, so that a late report can still free them.
 */
export const withoutOldPlaces = (state: Budget, nowMs: number): Budget => {
  const isRecent = (endMs: number): boolean => freeAtMs(endMs, state.longestWindowMs) > nowMs;
  const leases = state.leases.filter(
    (lease) => lease.lastArrivalMs >= nowMs || (openPermits(lease) > 0 && isRecent(lease.lastArrivalMs)),
  );
  const accounts = state.accounts
    .map((account) =>
      account.spent.every(([endMs]) => isRecent(endMs))
        ? account
        : { ...account, spent: account.spent.filter(([endMs]) => isRecent(endMs)) },
    )
    .filter((account) => account.spent.length > 0);
  let kept: Budget = { ...state, leases, accounts: compacted(accounts, state.limits, nowMs) };
  if (kept.leases.length >= MOST_LEASES) {
    kept = { ...kept, leases: kept.leases.filter((lease) => openPermits(lease) > 0) };
  }
  if (kept.leases.length >= MOST_LEASES) {
    kept = buried(kept, new Set(kept.leases.filter((lease) => lease.lastArrivalMs < nowMs)));
  }
  return kept;
};
