// The line of those who were refused: who is whose turn before whom, and which place a returning one holds.
import type { Budget, LeaseClass, LeaseRequest, Waiter } from './budget-state.js';

/** Places in line, and how many of them one dataflow may hold; who finds none waits without a promise. */
const MOST_IN_LINE = 400;
const MOST_OF_ONE_DATAFLOW = 250;

/** Grants another dataflow may get while one waits. */
const GRANTS_BEFORE_A_WAITER = 2;

/** Coming back this much before its time still is coming back. */
const EARLY_MS = 100;

export const lapsesAtMs = (state: Budget, waiter: Waiter): number =>
  Math.max(waiter.retryAtMs, state.heldBack?.untilMs ?? 0) + state.timing.graceMs;

/** Drops places that nobody came back for, and grants that nobody left in line has to know. */
export const withoutLapsed = (state: Budget, nowMs: number): Budget => {
  const line = state.line.filter((waiter) => lapsesAtMs(state, waiter) >= nowMs);
  const first = Math.min(...line.map((waiter) => waiter.joinedTurn));
  return { ...state, line, lastGrants: state.lastGrants.filter(({ last }) => last > first) };
};

/** The place in line that a request comes back for. */
export const placeOf = (state: Budget, request: LeaseRequest, nowMs: number): Waiter | undefined => {
  const again = state.line.find((waiter) => waiter.leaseId === request.leaseId);
  if (again) return again;
  let place: Waiter | undefined;
  for (const waiter of state.line) {
    const isIts =
      waiter.dataflow === request.dataflow &&
      waiter.class === request.class &&
      waiter.need === request.need &&
      waiter.retryAtMs <= nowMs + EARLY_MS;
    if (isIts && (!place || waiter.joinedTurn < place.joinedTurn)) place = waiter;
  }
  return place;
};

export const mayJoin = (state: Budget, dataflow: string): boolean =>
  state.line.length < MOST_IN_LINE &&
  state.line.filter((waiter) => waiter.dataflow === dataflow).length < MOST_OF_ONE_DATAFLOW;

export const othersWait = (line: readonly Waiter[], own: LeaseClass): boolean =>
  line.some((waiter) => waiter.class !== own);

export const withGrantTo = (state: Budget, dataflow: string): Budget => {
  const turn = state.turn + 1;
  const before = state.lastGrants.find((grants) => grants.dataflow === dataflow)?.last ?? 0;
  const others = state.lastGrants.filter((grants) => grants.dataflow !== dataflow);
  return { ...state, turn, lastGrants: [...others, { dataflow, before, last: turn }] };
};

type InLine = Pick<Waiter, 'dataflow' | 'class' | 'joinedTurn'>;

const inOrder = (one: InLine, other: InLine): number =>
  one.class === other.class ? one.joinedTurn - other.joinedTurn : one.class === 'fresh' ? -1 : 1;

/** Grants that `dataflow` got while `waiter` waited since its own dataflow's last one; 2 stands for any more. */
const grantsWhileWaiting = (state: Budget, waiter: InLine, dataflow: string): number => {
  const of = (name: string) => state.lastGrants.find((grants) => grants.dataflow === name);
  const since = Math.max(waiter.joinedTurn, of(waiter.dataflow)?.last ?? 0);
  const grants = of(dataflow);
  if (!grants) return 0;
  return (grants.last > since ? 1 : 0) + (grants.before > since ? 1 : 0);
};

/** Those who wait and whom the asker's dataflow has passed as often as it may: it gets nothing before them. */
export const passedTooOften = (state: Budget, others: readonly Waiter[], asker: InLine): Waiter[] =>
  others.filter(
    (waiter) =>
      waiter.dataflow !== asker.dataflow &&
      grantsWhileWaiting(state, waiter, asker.dataflow) >= GRANTS_BEFORE_A_WAITER,
  );

/**
 * Those in line whose turn comes before the asker's: fresh before backfill, then first come, first served; but between
 * two grants to one dataflow no other gets three, however many places in line it holds.
 */
export const aheadOf = (state: Budget, others: readonly Waiter[], asker: InLine): Waiter[] => {
  const sorted = others.toSorted(inOrder);
  const mine = sorted.filter(
    (waiter) => waiter.dataflow === asker.dataflow && inOrder(waiter, asker) < 0,
  ).length;
  const seen = new Map<string, number>();
  return sorted.filter((waiter) => {
    if (waiter.dataflow === asker.dataflow) return inOrder(waiter, asker) < 0;
    const theirs = seen.get(waiter.dataflow) ?? 0;
    seen.set(waiter.dataflow, theirs + 1);
    const minePassing = grantsWhileWaiting(state, waiter, asker.dataflow) + mine;
    if (minePassing >= GRANTS_BEFORE_A_WAITER * (theirs + 1)) return true;
    const theirsPassing = grantsWhileWaiting(state, asker, waiter.dataflow) + theirs;
    if (theirsPassing >= GRANTS_BEFORE_A_WAITER * (mine + 1)) return false;
    return inOrder(waiter, asker) < 0;
  });
};
