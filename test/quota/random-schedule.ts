// A random life of a budget: workers that lease, spend late, report late or twice or never, and die.
import {
  LIMITS_HOLD_MS,
  newBudget,
  type Budget,
  type BudgetEvent,
  type BudgetTiming,
  type LeaseAnswer,
  type LeaseClass,
  type LeaseRequest,
} from '../../src/quota/budget/budget-state.js';
import { reduceBudget } from '../../src/quota/budget/budget.js';
import { readCarried } from '../../src/quota/budget/carried-budget.js';
import { placeLapsesAtMs } from '../../src/quota/budget/waiting-line.js';
import type { QuotaLimit } from '../../src/quota/limits.js';
import { randomOf, SimulatedTime } from './clock.js';
import { TurnJudge } from './oracle.js';

export interface ScheduleOptions {
  seed: number;
  limits: QuotaLimit[];
  timing: BudgetTiming;
  dataflows: number;
  workers: number;
  /** Leases each worker asks for until it stops. */
  leases: number;
  largestLease: number;
  /** Chance that a worker dies over a lease; another takes its place. */
  crash: number;
  /** Chance that a message arrives twice. */
  twice: number;
  /** Chance that a request takes as long as it may. */
  slow: number;
  /** Chance that a message, a request or waking up takes no time at all. */
  instant: number;
  /** Whether who waits long asks again on the way, as the budget says. */
  asksAgain?: boolean;
}

export interface ScheduleResult {
  state: Budget;
  arrivals: number[];
  unfair: string[];
  endMs: number;
  grants: number;
  refusals: number;
  events: number;
}

/** It wakes up, its request arrives, the answer arrives, it sleeps. */
const STEPS_AN_ASK = 4;

/** What is carried comes back whole. */
const continuedAsNew = (state: Budget): Budget => {
  const carried = readCarried(JSON.parse(JSON.stringify(state)), state.nowMs);
  expect(carried).toEqual(state);
  return carried;
};

export const runSchedule = (options: ScheduleOptions): ScheduleResult => {
  const { limits, timing } = options;
  const random = randomOf(options.seed);
  const time = new SimulatedTime();
  const judge = new TurnJudge();
  /** One worker a dataflow, each request once: who was refused waits until it is granted. More: whoever the budget itself says waits. */
  const alone = options.workers <= options.dataflows && options.twice === 0;
  const refused = new Set<string>();
  const arrivals: number[] = [];
  let state = newBudget(timing);
  let grants = 0;
  let refusals = 0;
  let events = 0;
  let lastLease = 0;
  const chance = (share: number): boolean => random() < share;
  const between = (low: number, high: number): number => low + random() * (high - low);
  /** Nothing in between, as a rule some milliseconds, now and then seconds. */
  const delay = (): number =>
    chance(options.instant) ? 0 : chance(0.05) ? between(0, 3_000) : between(1, 50);

  const decide = (event: BudgetEvent): LeaseAnswer | null => {
    // The budget's clock ticks in whole milliseconds.
    const reduced = reduceBudget(state, event, Math.floor(time.nowMs));
    events += 1;
    state = reduced.state;
    if (chance(0.1)) state = continuedAsNew(state);
    return reduced.answer;
  };

  const judged = (event: LeaseRequest): LeaseAnswer => {
    const inLine = state.line
      .filter((waiter) => placeLapsesAtMs(state, waiter) >= Math.floor(time.nowMs))
      .map(({ joinedTurn, dataflow }) => ({ key: joinedTurn, dataflow }));
    const answer = decide({ kind: 'lease', ...event })!;
    const isNew = state.leases.some(
      ({ leaseId, grantedAtMs }) => leaseId === event.leaseId && grantedAtMs === Math.floor(time.nowMs),
    );
    if (answer.kind === 'granted') {
      if (!isNew) return answer;
      judge.granted(event.dataflow, alone ? [...refused].map((key) => ({ key, dataflow: key })) : inLine);
      refused.delete(event.dataflow);
    } else {
      refused.add(event.dataflow);
    }
    return answer;
  };

  /** Each entry is a lease of which this worker still owes a report. */
  const worker = (dataflow: string, leaseClass: LeaseClass, need: number, leasesLeft: number): void => {
    const owed = new Map<string, { permits: number; spent: number; unspent: number }>();
    const reports = () => [...owed].map(([leaseId, { spent, unspent }]) => ({ leaseId, spent, unspent }));

    const settleSoon = (): void => {
      if (!chance(Math.max(0.5, options.instant))) return;
      const settled = reports();
      for (let copies = chance(options.twice) ? 2 : 1; copies > 0; copies -= 1) {
        time.after(delay(), () => decide({ kind: 'settle', settled }));
      }
    };

    const use = (leaseId: string, permits: number, expiresAtMs: number): number => {
      const lease = { permits, spent: 0, unspent: 0 };
      owed.set(leaseId, lease);
      let lastMs = time.nowMs;
      for (let i = 0; i < permits; i += 1) {
        if (chance(0.15)) {
          lease.unspent += 1;
          continue;
        }
        const leavesMs = Math.min(
          expiresAtMs,
          time.nowMs + (chance(options.slow) ? timing.ttlMs : chance(options.instant) ? 0 : between(0, 100)),
        );
        if (leavesMs < time.nowMs) {
          lease.unspent += 1;
          continue;
        }
        const tookMs = chance(options.slow)
          ? timing.requestTimeoutMs
          : chance(options.instant)
            ? 0
            : between(5, Math.min(50, timing.requestTimeoutMs));
        const arrivesMs = leavesMs + tookMs * (chance(0.5) ? 1 : random());
        lastMs = Math.max(lastMs, leavesMs + tookMs);
        time.at(arrivesMs, () => arrivals.push(time.nowMs));
        time.at(leavesMs + tookMs, () => {
          lease.spent += 1;
          settleSoon();
        });
      }
      return lastMs;
    };

    const ask = (left: number): void => {
      if (left === 0) return;
      const want = Math.max(need, Math.ceil(between(0, options.largestLease)));
      const settled = chance(0.9) ? reports() : [];
      const event: LeaseRequest = {
        leaseId: `lease-${(lastLease += 1)}`,
        dataflow,
        class: leaseClass,
        want,
        need,
        limits,
        settled,
      };
      const expiresAtMs = time.nowMs + timing.ttlMs;
      let heard = false;
      const arrive = (): void => {
        const answer = judged(event);
        if (answer.kind === 'granted') grants += 1;
        else refusals += 1;
        time.after(delay(), () => hear(answer));
      };
      const hear = (answer: LeaseAnswer): void => {
        if (heard) return;
        heard = true;
        if (answer.kind === 'refused') {
          const { retryAtMs, askAgainAtMs = retryAtMs } = answer;
          const wait = Math.max(0, (options.asksAgain ? askAgainAtMs : retryAtMs) - time.nowMs);
          time.after(
            wait + (chance(options.instant) ? 0 : between(0, Math.min(500, timing.graceMs / 2))),
            () => ask(left),
          );
          return;
        }
        if (chance(options.crash)) {
          // It dies with some requests on their way, and its reports are never sent.
          use(answer.leaseId, Math.floor(between(0, answer.permits + 1)), expiresAtMs);
          owed.clear();
          time.after(between(0, 5_000), () => worker(dataflow, leaseClass, need, left - 1));
          return;
        }
        const lastMs = use(answer.leaseId, answer.permits, expiresAtMs);
        time.at(chance(0.5) ? lastMs : time.nowMs + delay(), () => ask(left - 1));
      };
      time.after(delay(), arrive);
      // The same request again, after its answer got lost or before.
      if (chance(options.twice)) {
        time.after(3_000 + between(0, timing.ttlMs), () => {
          const known = state.leases.find(({ leaseId }) => leaseId === event.leaseId);
          const answer = judged(event);
          if (
            known &&
            answer.kind === 'granted' &&
            known.lastArrivalMs > time.nowMs &&
            answer.permits > known.permits
          ) {
            judge.unfair.push('a retry got more permits');
          }
          hear(answer);
        });
      }
    };
    ask(leasesLeft);
  };

  const fewest = Math.min(...limits.map((limit) => limit.calls));
  for (let i = 0; i < options.workers; i += 1) {
    const need = chance(0.6) ? 1 : Math.min(fewest, Math.ceil(between(0, options.largestLease)));
    const dataflow = `dataflow-${i % options.dataflows}`;
    time.after(delay(), () => worker(dataflow, chance(0.4) ? 'fresh' : 'backfill', need, options.leases));
  }
  // Whoever wants to call gets to, if need be one lease a window; a line in which nobody moves would go on for ever.
  const longestMs = Math.max(...limits.map((limit) => limit.windowMs));
  const windows = options.workers * options.leases;
  const asksEach = options.asksAgain ? Math.ceil(longestMs / (LIMITS_HOLD_MS / 2)) : 0;
  time.run(20_000 + STEPS_AN_ASK * options.workers * windows * asksEach);
  return {
    state,
    arrivals,
    unfair: judge.unfair,
    endMs: time.nowMs,
    grants,
    refusals,
    events,
  };
};
