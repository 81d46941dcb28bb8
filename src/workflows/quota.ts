// The budget of one Pinterest app, `quota/<app>`: shared by all its dataflows, outlives every worker.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  patched,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { LIMITS_HOLD_MS, newBudget, type Budget, type BudgetEvent } from '../quota/budget/budget-state.js';
import { reduceBudget, type AnswerTo } from '../quota/budget/budget.js';
import { budgetDetails } from '../quota/budget/budget-details.js';
import { budgetView } from '../quota/budget/budget-view.js';
import { readCarried } from '../quota/budget/carried-budget.js';
import { Misfit } from '../quota/budget/checks.js';
import { readHold, readLease, readSettled } from '../quota/budget/messages.js';
import { believed } from './carried.js';
import { budgetQuery, holdSignal, leaseUpdate, settleSignal } from './contract.js';

/** Events after which a run's history is cut: an Update takes five, and a new worker replays them all before it answers. */
const EVENTS_A_RUN = 300;
/** Of a run that an earlier version began. */
const EVENTS_OF_AN_EARLIER_RUN = 1_500;

/**
 * Answers leases until its history grows long, then continues as new.
 * @param carried the budget so far, if this execution continues another; anybody may start one with anything
 */
export async function quota(carried?: unknown): Promise<void> {
  const soFar = believed(carried);
  const before = soFar === undefined ? newBudget() : readCarried(soFar, Date.now());
  // A run that an earlier version began answers by its rule until it continues as new.
  let budget: Budget = {
    ...before,
    limitsHoldMs: patched('limits-hold-ten-minutes') ? LIMITS_HOLD_MS : undefined,
  };
  const mostEvents = patched('history-of-300-events') ? EVENTS_A_RUN : EVENTS_OF_AN_EARLIER_RUN;
  const take = <Event extends BudgetEvent>(event: Event): AnswerTo<Event> => {
    const { state, answer } = reduceBudget(budget, event, Date.now());
    budget = state;
    show();
    return answer;
  };
  const show = (): void => setCurrentDetails(budgetDetails(budgetView(budget, Date.now())));
  /** A signal that does not fit is ignored and counted: if it failed here, it would again with every try. */
  const heed = (name: string, read: () => BudgetEvent): void => {
    try {
      take(read());
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      take({ kind: 'misfit', why: `${name}: ${error.message}` });
    }
  };
  setHandler(leaseUpdate, (request) => take({ ...request, kind: 'lease' }), {
    validator: readLease,
    description: 'Leases a small batch of permits; the answer is immediate: granted, or when to come back',
  });
  setHandler(
    settleSignal,
    (settled) => heed('settle', () => ({ kind: 'settle', settled: readSettled(settled) })),
    { description: 'What became of leased permits' },
  );
  setHandler(
    holdSignal,
    (message) =>
      heed('hold', () => {
        const { waitMs, why } = readHold(message);
        return { kind: 'hold', untilMs: Date.now() + waitMs, why };
      }),
    { description: 'Pinterest said to come back later: everybody waits' },
  );
  setHandler(budgetQuery, () => budgetView(budget, Date.now()), {
    description: 'Calls left now, spent in the window, by whom, and when the next are free',
  });
  show();
  const isLong = (): boolean => {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > mostEvents || continueAsNewSuggested;
  };
  await condition(() => isLong() && allHandlersFinished());
  await continueAsNew<typeof quota>(budget);
}
