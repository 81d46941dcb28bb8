// When places come free, as far as can be known now: what is occupied, and what is promised to those in line.
import type { Budget, LeaseClass, Waiter } from './budget-state.js';
import { freeAtMs, occupiedPlaces, type Occupied } from './occupancy.js';
import { sureShare } from './limits-in-force.js';

/** How many calls count under one rule, as steps over time: `used[i]` from `startsMs[i]` on. */
interface Rule {
  windowMs: number;
  room: number;
  /** From then on the rule no longer holds. */
  untilMs: number;
  startsMs: number[];
  used: number[];
}

export interface Asker {
  class: LeaseClass;
  need: number;
}

/** Calls that are open or promised are expected to be reported this late; an estimate that no grant relies on. */
const settlingMs = (windowMs: number): number => Math.min(windowMs / 100, 1_000);

/**
 * How long a grant is taken to be in the way of what is promised. Those who come back are late by the time it takes to
 * wake; without this allowance each would hold up whoever is promised its places, who then would hold up the next.
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
  places: readonly Occupied[],
  promised: readonly Waiter[],
  windowMs: number,
  nowMs: number,
  whose: (place: { class: LeaseClass }) => boolean,
): [number, number][] => {
  const changes: [number, number][] = [];
  for (const place of places) {
    const freeMs = freeAtMs(place.expectedEndMs, windowMs) + (place.open ? settlingMs(windowMs) : 0);
    if (freeMs > nowMs && whose(place)) changes.push([nowMs, place.count], [freeMs, -place.count]);
  }
  for (const waiter of promised) {
    const atMs = Math.max(nowMs, waiter.retryAtMs);
    const freeMs = freeAtMs(atMs, windowMs) + settlingMs(windowMs);
    if (whose(waiter)) changes.push([atMs, waiter.kept], [freeMs, -waiter.kept]);
  }
  return changes;
};

/** What an asker meets: every limit, and under every limit the share that the other class is sure of. */
export class Schedule {
  private readonly rules: Rule[] = [];

  /** `othersWantUntilMs`: how long the other class is taken to want its share. */
  constructor(
    state: Budget,
    promised: readonly Waiter[],
    asker: Asker,
    othersWantUntilMs: number,
    nowMs: number,
  ) {
    const places = occupiedPlaces(state, nowMs);
    for (const limit of state.limits) {
      const { calls, windowMs } = limit;
      const all = changesOf(places, promised, windowMs, nowMs, () => true);
      this.rules.push({ windowMs, room: calls, untilMs: Infinity, ...steps(all, nowMs) });
      // A need greater than what the shares leave could otherwise never be met.
      const room = Math.max(calls - sureShare(limit), asker.need);
      if (othersWantUntilMs <= nowMs || room >= calls) continue;
      const own = changesOf(places, promised, windowMs, nowMs, (place) => place.class === asker.class);
      this.rules.push({ windowMs, room, untilMs: othersWantUntilMs, ...steps(own, nowMs) });
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

  /** The longest window of the limits that stand in the way of `count` permits at `atMs`. */
  bindingWindowMs(count: number, atMs: number): number {
    const binding = this.rules.filter((rule) => atMs < rule.untilMs && spare(rule, atMs) < count);
    return Math.max(0, ...binding.map((rule) => rule.windowMs));
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
