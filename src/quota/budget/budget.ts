// The budget of API calls of one app, as a pure function: (state, event, now) → (state, answer).
import {
  REASON_LENGTH,
  type Budget,
  type BudgetEvent,
  type LeaseAnswer,
  type LeaseEvent,
  type LeaseRequest,
  type Waiter,
} from './budget-state.js';
import { Availability } from './availability.js';
import { othersThatWant } from './class-shares.js';
import { withLimits } from './limits-in-force.js';
import { MOST_LEASES, openPermits, withoutFreed, withSettled } from './occupancy.js';
import { refusalReason } from './refusal-reason.js';
import {
  aheadOf,
  comesAtMs,
  mayJoin,
  passedTwice,
  placeInLine,
  withGrantTo,
  withoutLapsed,
} from './waiting-line.js';

/** The longest that Pinterest's word holds everyone back: a header read wrongly must not stop an app for good. */
export const LONGEST_HOLD_MS = 86_400_000;
/** The longest that anybody waits without asking again. */
const LONGEST_SILENCE_MS = 3_600_000;

export type AnswerTo<Event extends BudgetEvent> = Event extends LeaseEvent ? LeaseAnswer : null;

/** `nowMs` is the budget's own clock, the same for every event. */
export const reduceBudget = <Event extends BudgetEvent>(
  state: Budget,
  event: Event,
  nowMs: number,
): { state: Budget; answer: AnswerTo<Event> } => {
  const [after, answer] = reduce(state, event, Math.max(state.nowMs, nowMs));
  return { state: after, answer: answer as AnswerTo<Event> };
};

const reduce = (before: Budget, event: BudgetEvent, nowMs: number): [Budget, LeaseAnswer | null] => {
  const state: Budget = { ...before, nowMs };
  if (event.kind === 'misfit') return [withMisfit(state, event.why, nowMs), null];
  if (event.kind === 'hold') return [tidied(withHold(state, event.untilMs, event.why, nowMs), nowMs), null];
  if (event.kind === 'settle') return [tidied(withSettled(state, event.settled, nowMs), nowMs), null];
  const limited = withLimits(state, event.limits, nowMs);
  return lease(tidied(withSettled(limited, event.settled, nowMs), nowMs), event, nowMs);
};

const tidied = (state: Budget, nowMs: number): Budget => {
  const heldBack = state.heldBack && state.heldBack.untilMs > nowMs ? state.heldBack : null;
  return withoutLapsed(withoutFreed({ ...state, heldBack }, nowMs), nowMs);
};

const withMisfit = (state: Budget, why: string, nowMs: number): Budget => ({
  ...state,
  misfits: { count: (state.misfits?.count ?? 0) + 1, lastMs: nowMs, why: why.slice(0, REASON_LENGTH) },
});

const withHold = (state: Budget, untilMs: number, why: string, nowMs: number): Budget => {
  const capped = Math.min(untilMs, nowMs + LONGEST_HOLD_MS);
  if (!(capped > Math.max(nowMs, state.heldBack?.untilMs ?? 0))) return state;
  return { ...state, heldBack: { untilMs: capped, why: why.slice(0, REASON_LENGTH) } };
};

const lease = (state: Budget, event: LeaseRequest, nowMs: number): [Budget, LeaseAnswer] => {
  const known = state.leases.find((one) => one.leaseId === event.leaseId);
  if (known) return [state, repeated(known.leaseId, openPermits(known), state)];

  if (state.limits.length === 0) {
    return [state, refused(nowMs + 60_000, 'the worker names no limit to keep', nowMs)];
  }
  const most = Math.min(...state.limits.map((limit) => limit.calls));
  const need = Math.min(Math.max(1, Math.floor(event.need)), most);
  const request = { ...event, need, want: Math.min(Math.max(need, Math.floor(event.want)), most) };
  const place = placeInLine(state, request, nowMs);
  const others = state.line.filter((waiter) => waiter !== place);
  const asker = { ...request, joinedTurn: place?.joinedTurn ?? state.turn + 1 };

  const wanting = othersThatWant(state, others, request.class, nowMs);
  const passed = passedTwice(state, others, asker);
  const before = aheadOf(state, others, asker);
  const ahead = new Availability(state, before, need, wanting, nowMs);
  // What goes beyond the need and what was kept must not take what is promised to anybody.
  const everyone =
    before.length === others.length ? ahead : new Availability(state, others, need, wanting, nowMs);
  const asked = { ...state, askedMs: { ...state.askedMs, [request.class]: nowMs } };

  const isFree = passed.length === 0 && !state.heldBack && state.leases.length < MOST_LEASES;
  if (isFree && ahead.spareAt(nowMs) >= need) {
    const due = place && place.retryAtMs <= nowMs ? Math.min(place.kept, ahead.spareAt(nowMs)) : need;
    const permits = Math.max(need, Math.min(request.want, Math.max(due, everyone.spareAt(nowMs))));
    return granted({ ...asked, line: others }, request, permits, nowMs);
  }

  const fromMs = Math.max(
    nowMs + 1,
    state.heldBack?.untilMs ?? 0,
    state.leases.length < MOST_LEASES ? 0 : nowMs + 1_000,
    ...passed.map((waiter) => nextLookMs(waiter, nowMs)),
  );
  const promise = promiseOf(ahead, everyone, request, fromMs, nowMs);
  const joinedTurn = asker.joinedTurn;
  const askAgainAtMs = nextAskMs(state, promise.retryAtMs, place ? null : joinedTurn, nowMs);
  const waiter: Waiter = {
    leaseId: request.leaseId,
    dataflow: request.dataflow,
    class: request.class,
    need,
    sinceMs: place?.sinceMs ?? nowMs,
    joinedTurn,
    ...promise,
    ...(askAgainAtMs !== undefined && { askAgainAtMs }),
  };
  const joins = place !== undefined || mayJoin(state, request.dataflow);
  const after: Budget = {
    ...asked,
    turn: Math.max(state.turn, joinedTurn),
    line: joins ? [...others, waiter] : others,
  };
  const why = refusalReason(after, waiter, passed, ahead.inTheWay(need, nowMs));
  return [after, refused(promise.retryAtMs, why, nowMs, askAgainAtMs)];
};

const refused = (retryAtMs: number, why: string, nowMs: number, askAgainAtMs?: number): LeaseAnswer => ({
  kind: 'refused',
  retryAtMs,
  waitMs: retryAtMs - nowMs,
  why,
  ...(askAgainAtMs !== undefined && { askAgainAtMs }),
});

/**
 * When a waiter asks again, if that is before its time: before its worker's limits lapse, so that they hold while it
 * waits, and so that it hears if others have come. No limit ends what Pinterest said.
 * @param newcomer its turn, if it has just joined: those who joined at once do not all come back at once
 */
const nextAskMs = (
  state: Budget,
  retryAtMs: number,
  newcomer: number | null,
  nowMs: number,
): number | undefined => {
  if (state.limitsHoldMs === undefined) return undefined;
  const part = newcomer === null ? 0.9 : 0.9 - (newcomer % 10) / 30;
  const askAgainAtMs = nowMs + (state.heldBack ? LONGEST_SILENCE_MS : Math.round(part * state.limitsHoldMs));
  return askAgainAtMs < retryAtMs ? askAgainAtMs : undefined;
};

const repeated = (leaseId: string, permits: number, state: Budget): LeaseAnswer =>
  permits > 0
    ? { kind: 'granted', leaseId, permits, ttlMs: state.timing.ttlMs }
    : refused(state.nowMs, 'this lease was granted and settled before', state.nowMs);

const granted = (
  state: Budget,
  request: LeaseRequest,
  permits: number,
  nowMs: number,
): [Budget, LeaseAnswer] => {
  const { ttlMs, requestTimeoutMs } = state.timing;
  const { leaseId, dataflow } = request;
  const lastArrivalMs = nowMs + ttlMs + requestTimeoutMs;
  const lease = { leaseId, dataflow, class: request.class, grantedAtMs: nowMs, lastArrivalMs };
  const leases = [...state.leases, { ...lease, permits, spent: 0, unspent: 0 }];
  return [withGrantTo({ ...state, leases }, dataflow), { kind: 'granted', leaseId, permits, ttlMs }];
};

/** When to see whether a waiter has been served: soon after its time, and less and less often if it does not come. */
const nextLookMs = (waiter: Waiter, nowMs: number): number =>
  Math.max(comesAtMs(waiter) + 100, nowMs + Math.max(50, nowMs - comesAtMs(waiter)));

/**
 * The time to come back, and what is kept from then on: as soon as the need is met, or a little later if that brings
 * more of what is wanted, so that nobody wakes for each call of a burst.
 */
const promiseOf = (
  ahead: Availability,
  everyone: Availability,
  request: LeaseRequest,
  fromMs: number,
  nowMs: number,
): Pick<Waiter, 'retryAtMs' | 'kept'> => {
  const retryAtMs = ahead.earliest(request.need, fromMs);
  const windowsMs = ahead.inTheWay(request.need, nowMs).map(({ windowMs }) => windowMs);
  const patienceMs = Math.min(60_000, Math.max(0, ...windowsMs) / 50);
  const kept = Math.min(request.want, everyone.spareAt(retryAtMs + patienceMs));
  if (kept <= request.need) return { retryAtMs: Math.ceil(retryAtMs), kept: request.need };
  return { retryAtMs: Math.ceil(everyone.earliest(kept, retryAtMs)), kept };
};
