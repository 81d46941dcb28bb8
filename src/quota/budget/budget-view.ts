// The budget as a person reads it who has never seen the code.
import { limitName } from '../limits.js';
import type { Budget, LeaseClass, SeenLimit } from './budget-state.js';
import { lapsesAtMs, limitsInForce } from './limits-in-force.js';
import { freeAtMs, occupancies, openPermits, type Occupancy } from './occupancy.js';
import { isoTime } from './refusal-reason.js';

/** Times at which calls come free are named up to this many; later ones are summed up by the last. */
const TIMES_NAMED = 5;

export interface LimitView {
  /** As PINTEREST_QUOTA writes it. */
  limit: string;
  /** Since when a worker named it, and when one did last. */
  knownSince: string;
  lastNamed: string;
  /** From then on it holds no longer, unless a worker names it again. */
  lapsesAt: string;
  usedUp: boolean;
  /** Calls that may leave now. */
  callsLeft: number;
  /** Calls that count in the window that ends now. */
  spent: number;
  /** Permits that workers hold; not reported in time, they count as spent. */
  leased: number;
  /** When the next calls are free at the latest, as far as known now. */
  nextFree: { at: string; calls: number }[];
  allFreeAt: string | null;
}

export interface BudgetView {
  asOf: string;
  /** Under all limits at once, and 0 while held back. */
  callsLeft: number;
  heldBack: { until: string; why: string } | null;
  limits: LimitView[];
  dataflows: { dataflow: string; spent: Record<string, number>; leased: number }[];
  /** Signals that did not fit: they changed nothing. */
  ignored: { signals: number; last: { at: string; why: string } | null };
  waiting: { dataflow: string; class: LeaseClass; needs: number; since: string; until: string }[];
}

export const budgetView = (state: Budget, askedAtMs: number): BudgetView => {
  const nowMs = Math.max(state.nowMs, askedAtMs);
  const inForce = limitsInForce(state, nowMs);
  const occupied = occupancies(state, nowMs);
  const limits = inForce.map((limit) => limitView(state, occupied, limit, nowMs));
  const heldBack = state.heldBack && state.heldBack.untilMs > nowMs ? state.heldBack : null;
  return {
    asOf: isoTime(nowMs),
    callsLeft: heldBack || limits.length === 0 ? 0 : Math.min(...limits.map((limit) => limit.callsLeft)),
    heldBack: heldBack && { until: isoTime(heldBack.untilMs), why: heldBack.why },
    limits,
    dataflows: dataflowViews(state, inForce, nowMs),
    ignored: {
      signals: state.misfits?.count ?? 0,
      last: state.misfits ? { at: isoTime(state.misfits.lastMs), why: state.misfits.why } : null,
    },
    waiting: state.line
      .toSorted((one, other) => one.retryAtMs - other.retryAtMs)
      .map((waiter) => ({
        dataflow: waiter.dataflow,
        class: waiter.class,
        needs: waiter.need,
        since: isoTime(waiter.sinceMs),
        until: isoTime(Math.max(waiter.retryAtMs, heldBack?.untilMs ?? 0)),
      })),
  };
};

const limitView = (
  state: Budget,
  occupied: readonly Occupancy[],
  limit: SeenLimit,
  nowMs: number,
): LimitView => {
  const free = new Map<number, number>();
  let spent = 0;
  let leased = 0;
  for (const { count, endMs, open } of occupied) {
    const atMs = freeAtMs(endMs, limit.windowMs);
    if (atMs <= nowMs) continue;
    if (open) leased += count;
    else spent += count;
    free.set(atMs, (free.get(atMs) ?? 0) + count);
  }
  const inOrder = [...free].sort(([one], [other]) => one - other);
  const callsLeft = Math.max(0, limit.calls - spent - leased);
  return {
    limit: limitName(limit),
    knownSince: isoTime(limit.sinceMs ?? limit.seenMs),
    lastNamed: isoTime(limit.seenMs),
    lapsesAt: isoTime(lapsesAtMs(state, limit)),
    usedUp: callsLeft === 0,
    callsLeft,
    spent,
    leased,
    nextFree: inOrder.slice(0, TIMES_NAMED).map(([atMs, calls]) => ({ at: isoTime(atMs), calls })),
    allFreeAt: inOrder.length > 0 ? isoTime(inOrder.at(-1)![0]) : null,
  };
};

/** Who spent the calls, most first; lost permits count as spent. */
const dataflowViews = (
  state: Budget,
  limits: readonly SeenLimit[],
  nowMs: number,
): BudgetView['dataflows'] => {
  const names = limits.map(limitName);
  // By limit: names are made once, since this is looked at with every call.
  const views = new Map<string, { spent: number[]; leased: number }>();
  const viewOf = (dataflow: string) => {
    const view = views.get(dataflow) ?? { spent: limits.map(() => 0), leased: 0 };
    views.set(dataflow, view);
    return view;
  };
  const spend = (dataflow: string, endMs: number, calls: number): void => {
    limits.forEach(({ windowMs }, i) => {
      if (freeAtMs(endMs, windowMs) > nowMs) viewOf(dataflow).spent[i]! += calls;
    });
  };
  for (const usage of state.accounts) {
    for (const [endMs, calls] of usage.spent) spend(usage.dataflow, endMs, calls);
  }
  for (const lease of state.leases) {
    const open = openPermits(lease);
    if (open === 0) continue;
    if (nowMs < lease.lastArrivalMs) viewOf(lease.dataflow).leased += open;
    else spend(lease.dataflow, lease.lastArrivalMs, open);
  }
  const total = ({ spent, leased }: { spent: number[]; leased: number }): number =>
    Math.max(0, ...spent) + leased;
  return [...views]
    .sort(([, one], [, other]) => total(other) - total(one))
    .map(([dataflow, { spent, leased }]) => ({
      dataflow,
      spent: Object.fromEntries(names.map((name, i) => [name, spent[i]!])),
      leased,
    }));
};
