// The classes of leases among themselves: who goes first, and what each is sure of.
import { LEASE_CLASSES, type Budget, type LeaseClass, type Waiter } from './budget-state.js';
import type { QuotaLimit } from '../limits.js';

/** Sorts the more urgent class first. */
export const byUrgency = (one: LeaseClass, other: LeaseClass): number =>
  LEASE_CLASSES.indexOf(one) - LEASE_CLASSES.indexOf(other);

/** What a limit sets aside for each class while that class wants it: a tenth, rounded down. */
const sureShare = (limit: QuotaLimit): number => Math.floor(limit.calls / 10);

/** A class that was served asks again in a moment: its share is not given away in between. */
const lingerMs = (state: Budget): number =>
  Math.min(5_000, ...state.limits.map((limit) => limit.windowMs / 10));

/** A class that wants its share, and until when it is taken to. */
export interface WantingClass {
  class: LeaseClass;
  untilMs: number;
}

/** The classes other than `own` that want their share: somebody waits in line, or asked a moment ago. */
export const othersThatWant = (
  state: Budget,
  line: readonly Waiter[],
  own: LeaseClass,
  nowMs: number,
): WantingClass[] =>
  LEASE_CLASSES.filter((other) => other !== own)
    .map((other) => ({
      class: other,
      untilMs: line.some((waiter) => waiter.class === other)
        ? Infinity
        : (state.askedMs[other] ?? -Infinity) + lingerMs(state),
    }))
    .filter(({ untilMs }) => untilMs > nowMs);

/** How many calls may count at once, those of some classes left out. */
export interface Bound {
  without: readonly LeaseClass[];
  room: number;
  /** From then on it no longer holds. */
  untilMs: number;
}

const subsets = <T>(items: readonly T[]): T[][] =>
  items.reduce<T[][]>((sets, item) => sets.flatMap((set) => [set, [...set, item]]), [[]]);

/** The bounds that one limit sets: itself, and for any of the wanting classes that all the others leave them their shares. */
export const boundsOf = (limit: QuotaLimit, wanting: readonly WantingClass[], need: number): Bound[] =>
  subsets(wanting)
    .map((set) => ({
      without: set.map((one) => one.class),
      // A need greater than what the shares leave could otherwise never be met.
      room: set.length === 0 ? limit.calls : Math.max(limit.calls - set.length * sureShare(limit), need),
      untilMs: Math.min(Infinity, ...set.map((one) => one.untilMs)),
    }))
    .filter(({ without, room }) => without.length === 0 || room < limit.calls);
