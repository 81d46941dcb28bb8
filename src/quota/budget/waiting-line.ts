// The line of those who were refused: who is whose turn before whom, and which place a returning one holds.
import {
  LIMITS_HOLD_MS,
  type Budget,
  type LastGrants,
  type LeaseRequest,
  type Waiter,
} from './budget-state.js';
import { byUrgency } from './class-shares.js';

/** Places in line, and how many of them one dataflow may hold; who finds none waits without a promise. */
export const MOST_IN_LINE = 400;
const MOST_OF_ONE_DATAFLOW = 250;

/** Dataflows whose last grants are remembered. */
export const MOST_GRANTS = 1_000;

/** Coming back this much before its time still is coming back. */
const EARLY_MS = 100;

/** When it asks next. */
export const comesAtMs = (waiter: Waiter): number => waiter.askAgainAtMs ?? waiter.retryAtMs;

/** Who does not ask again on the way has a while longer than who misses its time: nothing is kept for it yet. */
export const placeLapsesAtMs = (state: Budget, waiter: Waiter): number =>
  Math.min(
    Math.max(waiter.retryAtMs, state.heldBack?.untilMs ?? 0) + state.timing.graceMs,
    (waiter.askAgainAtMs ?? Infinity) + LIMITS_HOLD_MS,
  );

/** Drops places that nobody came back for, and grants that nobody left in line has to know. */
export const withoutLapsed = (state: Budget, nowMs: number): Budget => {
  const line = state.line.filter((waiter) => placeLapsesAtMs(state, waiter) >= nowMs);
  const first = Math.min(...line.map((waiter) => waiter.joinedTurn));
  return { ...state, line, lastGrants: state.lastGrants.filter(({ last }) => last > first) };
};

/** The place in line that a request comes back for. */
export const placeInLine = (state: Budget, request: LeaseRequest, nowMs: number): Waiter | undefined => {
  const again = state.line.find((waiter) => waiter.leaseId === request.leaseId);
  if (again) return again;
  const due = state.line.filter(
    (waiter) =>
      waiter.dataflow === request.dataflow &&
      waiter.class === request.class &&
      comesAtMs(waiter) <= nowMs + EARLY_MS,
  );
  const first = (waiters: readonly Waiter[]): Waiter | undefined =>
    waiters.reduce<Waiter | undefined>(
      (best, waiter) => (!best || waiter.joinedTurn < best.joinedTurn ? waiter : best),
      undefined,
    );
  // Who holds some permits asks for fewer than before: the place is the same.
  return first(due.filter((waiter) => waiter.need === request.need)) ?? first(due);
};

export const mayJoin = (state: Budget, dataflow: string): boolean =>
  state.line.length < MOST_IN_LINE &&
  state.line.filter((waiter) => waiter.dataflow === dataflow).length < MOST_OF_ONE_DATAFLOW;

export const withGrantTo = (state: Budget, dataflow: string): Budget => {
  const turn = state.turn + 1;
  const before = state.lastGrants.find((grants) => grants.dataflow === dataflow)?.last ?? 0;
  const others = state.lastGrants.filter((grants) => grants.dataflow !== dataflow);
  return { ...state, turn, lastGrants: [...others, { dataflow, before, last: turn }].slice(-MOST_GRANTS) };
};

type InLine = Pick<Waiter, 'dataflow' | 'class' | 'joinedTurn'>;

const inOrder = (one: InLine, other: InLine): number =>
  byUrgency(one.class, other.class) || one.joinedTurn - other.joinedTurn;

const NEVER: Omit<LastGrants, 'dataflow'> = { before: 0, last: 0 };

/** Since then it waits for its dataflow's next grant. */
const waitsSince = (waiter: InLine, grants: ReadonlyMap<string, LastGrants>): number =>
  Math.max(waiter.joinedTurn, grants.get(waiter.dataflow)?.last ?? 0);

const byDataflow = (state: Budget): Map<string, LastGrants> =>
  new Map(state.lastGrants.map((grants) => [grants.dataflow, grants]));

/** Those who wait and whom the asker's dataflow has passed twice: it gets nothing before them. */
export const passedTwice = (state: Budget, others: readonly Waiter[], asker: InLine): Waiter[] => {
  const grants = byDataflow(state);
  const { before } = grants.get(asker.dataflow) ?? NEVER;
  return others.filter((waiter) => waiter.dataflow !== asker.dataflow && before > waitsSince(waiter, grants));
};

/**
 * Those whose turn comes before the asker's: the more urgent class, then first come, first served; but between two
 * grants to one dataflow no other gets three. The turns are dealt as the grants will be, so that there is one order for
 * all who ask: with a rule for pairs, three could each wait for the next for ever.
 */
export const aheadOf = (state: Budget, others: readonly Waiter[], asker: InLine): Waiter[] => {
  const grants = byDataflow(state);
  const left: (Waiter | InLine)[] = [...others, asker].sort(inOrder);
  const ahead: Waiter[] = [];
  for (let turn = state.turn + 1; ; turn += 1) {
    const index = Math.max(0, firstAllowed(left, grants));
    const next = left[index]!;
    if (next === asker) return ahead;
    ahead.push(next as Waiter);
    left.splice(index, 1);
    const { dataflow } = next;
    grants.set(dataflow, { dataflow, before: grants.get(dataflow)?.last ?? 0, last: turn + 1 });
  }
};

/** The first in line who passes nobody for the third time. */
const firstAllowed = (left: readonly InLine[], grants: ReadonlyMap<string, LastGrants>): number => {
  // Who waits longest, and who does of all other dataflows: enough to compare each with those it would pass.
  let longest: { dataflow: string; since: number } | undefined;
  let longestOther = Infinity;
  for (const waiter of left) {
    const since = waitsSince(waiter, grants);
    if (!longest || since < longest.since) {
      if (longest && longest.dataflow !== waiter.dataflow) longestOther = longest.since;
      longest = { dataflow: waiter.dataflow, since };
    } else if (waiter.dataflow !== longest.dataflow) {
      longestOther = Math.min(longestOther, since);
    }
  }
  return left.findIndex(({ dataflow }) => {
    const since = dataflow === longest!.dataflow ? longestOther : longest!.since;
    return (grants.get(dataflow) ?? NEVER).before <= since;
  });
};
