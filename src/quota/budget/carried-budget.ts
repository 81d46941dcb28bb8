// The budget that one execution carries to the next, as the next one reads it.
import { LONGEST_WINDOW_MS } from '../limits.js';
import {
  DEFAULT_TIMING,
  LEASE_CLASSES,
  LIMITS_HOLD_MS,
  newBudget,
  REASON_LENGTH,
  type Budget,
  type BudgetTiming,
  type LastGrants,
  type Lease,
  type SeenLimit,
  type Usage,
  type Waiter,
} from './budget-state.js';
import {
  fitting,
  integer,
  milliseconds,
  oneOf,
  optional,
  orElse,
  record,
  text,
  type Read,
} from './checks.js';
import { MOST_ENTRIES } from './compact-usage.js';
import { dataflowName, leaseId, limit } from './messages.js';
import { MOST_NAMED } from './limits-in-force.js';
import { MOST_LEASES } from './occupancy.js';
import { MOST_GRANTS, MOST_IN_LINE } from './waiting-line.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const count = integer(0, Number.MAX_SAFE_INTEGER);
const whose = { dataflow: dataflowName, class: oneOf(LEASE_CLASSES) };
const reason = text(0, REASON_LENGTH);

const timing = record<BudgetTiming>({
  ttlMs: integer(1, HOUR_MS),
  requestTimeoutMs: integer(1, HOUR_MS),
  graceMs: integer(1, HOUR_MS),
});

const grants = record<LastGrants>({ dataflow: dataflowName, before: count, last: count });

/** Nothing that was known lies further ahead than a day, but a place in line. */
const budgetAt = (nowMs: number): Read<Budget> => {
  const time = milliseconds(nowMs + DAY_MS);
  const seen = record<Pick<SeenLimit, 'seenMs' | 'sinceMs'>>({ seenMs: time, sinceMs: optional(time) });
  const limits = fitting<SeenLimit>(
    (value, name) => ({ ...limit(value, name), ...seen(value, name) }),
    MOST_NAMED,
  );
  const lease = record<Lease>({
    ...whose,
    leaseId,
    grantedAtMs: time,
    lastArrivalMs: time,
    permits: count,
    spent: count,
    unspent: count,
  });
  const spent: Read<[number, number]> = (value, name) => {
    const [endMs, calls] = Array.isArray(value) ? (value as unknown[]) : [];
    return [time(endMs, name), count(calls, name)];
  };
  const waiter = record<Waiter>({
    ...whose,
    leaseId,
    need: count,
    sinceMs: time,
    joinedTurn: count,
    retryAtMs: milliseconds(nowMs + 2 * LONGEST_WINDOW_MS),
    askAgainAtMs: optional(time),
    kept: count,
  });
  const askedMs = record<Budget['askedMs']>(
    Object.fromEntries(LEASE_CLASSES.map((one) => [one, optional(time)])),
  );
  return record<Budget>({
    timing: orElse(timing, DEFAULT_TIMING),
    nowMs: orElse(time, 0),
    limits,
    looserLimits: limits,
    limitsHoldMs: orElse(optional(integer(LIMITS_HOLD_MS, LIMITS_HOLD_MS)), undefined),
    longestWindowMs: orElse(integer(0, LONGEST_WINDOW_MS), LONGEST_WINDOW_MS),
    leases: fitting(lease, MOST_LEASES),
    accounts: fitting(record<Usage>({ ...whose, spent: fitting(spent, MOST_ENTRIES) }), MOST_ENTRIES),
    line: fitting(waiter, MOST_IN_LINE),
    turn: orElse(count, 0),
    lastGrants: fitting(grants, MOST_GRANTS),
    askedMs: orElse(askedMs, {}),
    heldBack: orElse<Budget['heldBack']>(record({ untilMs: time, why: reason }), null),
    misfits: orElse<Budget['misfits']>(record({ count, lastMs: time, why: reason }), undefined),
  });
};

/**
 * Keeps all that fits: a budget that forgets calls grants too many. What does not fit is left out, e.g. what an earlier
 * version did not bound, or what only a later one knows.
 */
export const readCarried = (carried: unknown, nowMs: number): Budget =>
  orElse(budgetAt(nowMs), newBudget())(carried, '');
