// When calls may leave, as far as can be known now: what is occupied, and what is promised to those in line.
import type { Budget, LeaseClass, SeenLimit, Waiter } from './budget-state.js';
import { boundsOf, type WantingClass } from './class-shares.js';
import { countingLimits } from './limits-in-force.js';
import { freeAtMs, occupancies, type Occupancy } from './occupancy.js';

/** How many calls count under one rule, as steps over time: `used[i]` from `startsMs[i]` on. */
interface Rule {
  limit: SeenLimit;
  windowMs: number;
  room: number;
  /** From then on the rule no longer holds. */
  untilMs: number;
  startsMs: number[];
  used: number[];
}

/** Calls that are open or promised are expected to be reported this late; an estimate that no grant relies on. */
const settlingMs = (windowMs: number): number => Math.min(windowMs / 100, 1_000);

/**
 * How long a grant is taken to be in the way of what is promised. Those who come back are late by the time it takes to
 * wake; without this allowance each would hold up whoever is promised what it frees, who then would hold up the next.
 */
const inTheWayMs = (windowMs: number): number => windowMs - Math.min(windowMs / 10, 60_000);

const steps = (changes: [atMs: number, by: number][], nowMs: number): Pick<Rule, 'startsMs' | 'used'> => {
  const startsMs = [nowMs];
  const used = [0];
  for (const [atMs, by] of changes.sort(([one], [other]) => one - other)) {
    if (atMs > startsMs.at(-1)!) {
      startsMs.push(atMs);
      used.push(used.at(-1)!);
    }
    used[used.length - 1]! += by;
  }
  return { startsMs, used };
};

const changesOf = (
  occupied: readonly Occupancy[],
  promised: readonly Waiter[],
  windowMs: number,
  nowMs: number,
  counts: (leaseClass: LeaseClass) => boolean,
): [number, number][] => {
  const changes: [number, number][] = [];
  for (const { class: leaseClass, count, expectedEndMs, open } of occupied) {
    const freeMs = freeAtMs(expectedEndMs, windowMs) + (open ? settlingMs(windowMs) : 0);
    if (freeMs > nowMs && counts(leaseClass)) changes.push([nowMs, count], [freeMs, -count]);
  }
  for (const waiter of promised) {
    const atMs = Math.max(nowMs, waiter.retryAtMs);
    const freeMs = freeAtMs(atMs, windowMs) + settlingMs(windowMs);
    if (counts(waiter.class)) changes.push([atMs, waiter.kept], [freeMs, -waiter.kept]);
  }
  return changes;
};

/** What an asker meets: every limit, and under every limit the shares that the other classes are sure of. */
export class Availability {
  private readonly rules: Rule[] = [];

  constructor(
    state: Budget,
    promised: readonly Waiter[],
    need: number,
    wanting: readonly WantingClass[],
    nowMs: number,
  ) {
    const occupied = occupancies(state, nowMs);
    for (const { limit, untilMs } of countingLimits(state, nowMs)) {
      const { windowMs } = limit;
      for (const bound of boundsOf(limit, wanting, need)) {
        const counts = (one: LeaseClass): boolean => !bound.without.includes(one);
        const changes = changesOf(occupied, promised, windowMs, nowMs, counts);
        this.rules.push({
          limit,
          windowMs,
          room: bound.room,
          untilMs: Math.min(untilMs, bound.untilMs),
          ...steps(changes, nowMs),
        });
      }
    }
  }

  /** Permits that could be granted at `atMs` without taking what is promised later. */
  spareAt(atMs: number): number {
    return Math.min(...this.rules.filter((rule) => atMs < rule.untilMs).map((rule) => spare(rule, atMs)));
  }

  /** The first time from `fromMs` on at which `count` permits could be granted. */
  earliest(count: number, fromMs: number): number {
    let atMs = fromMs;
    for (let before = -1; before !== atMs;) {
      before = atMs;
      for (const rule of this.rules) atMs = earliestUnder(rule, count, atMs);
    }
    return atMs;
  }

  /** The limits that stand in the way of `count` permits at `atMs`. */
  inTheWay(count: number, atMs: number): SeenLimit[] {
    const binding = this.rules.filter((rule) => atMs < rule.untilMs && spare(rule, atMs) < count);
    return [...new Set(binding.map((rule) => rule.limit))];
  }
}

/** Index of the step that holds at `atMs`. */
const stepAt = (rule: Rule, atMs: number): number => {
  let low = 0;
  let high = rule.startsMs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (rule.startsMs[middle]! <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
};

const spare = (rule: Rule, atMs: number): number => {
  let most = 0;
  for (
    let i = stepAt(rule, atMs);
    i < rule.used.length && rule.startsMs[i]! < atMs + inTheWayMs(rule.windowMs);
    i += 1
  ) {
    most = Math.max(most, rule.used[i]!);
  }
  return rule.room - most;
};

const earliestUnder = (rule: Rule, count: number, fromMs: number): number => {
  let atMs = fromMs;
  for (let i = stepAt(rule, atMs); i < rule.used.length; i += 1) {
    if (atMs >= rule.untilMs || rule.startsMs[i]! >= atMs + inTheWayMs(rule.windowMs)) break;
    if (rule.used[i]! + count > rule.room) atMs = rule.startsMs[i + 1] ?? atMs;
  }
  return Math.min(atMs, Math.max(fromMs, rule.untilMs));
};
