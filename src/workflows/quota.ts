// The budget of one Pinterest app, `quota/<app>`: shared by all its dataflows, outlives every worker.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import {
  newBudget,
  type Budget,
  type LeaseAnswer,
  type LeaseRequest,
  type SettledLease,
} from '../quota/budget/budget-state.js';
import { reduceBudget } from '../quota/budget/budget.js';
import { describeBudget, type BudgetView } from '../quota/budget/budget-view.js';

export const leaseUpdate = defineUpdate<LeaseAnswer, [LeaseRequest]>('lease');
export const settleSignal = defineSignal<[SettledLease[]]>('settle');
export const holdSignal = defineSignal<[{ waitMs: number; why: string }]>('hold');
export const budgetQuery = defineQuery<BudgetView>('budget');

/** Events after which a run's history is cut: an Update takes five. */
const EVENTS_A_RUN = 1_500;

/** @param carried the budget so far, where it continues as new */
export async function quota(carried?: Budget): Promise<void> {
  let budget = carried ?? newBudget();
  setHandler(
    leaseUpdate,
    (request) => {
      const { state, answer } = reduceBudget(budget, { kind: 'lease', ...request }, Date.now());
      budget = state;
      return answer;
    },
    {
      description: 'Leases a small batch of permits; the answer is immediate: granted, or when to come back',
    },
  );
  setHandler(
    settleSignal,
    (settled) => {
      budget = reduceBudget(budget, { kind: 'settle', settled }, Date.now()).state;
    },
    { description: 'What became of leased permits' },
  );
  setHandler(
    holdSignal,
    ({ waitMs, why }) => {
      budget = reduceBudget(budget, { kind: 'hold', untilMs: Date.now() + waitMs, why }, Date.now()).state;
    },
    { description: 'Pinterest said to come back later: everybody waits' },
  );
  setHandler(budgetQuery, () => describeBudget(budget, Date.now()), {
    description: 'Calls left now, spent in the window, by whom, and when the next are free',
  });
  setCurrentDetails(
    'API calls of one Pinterest app. Ask the query **budget** how many are left and who spent them.',
  );
  const isLong = (): boolean => {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength > EVENTS_A_RUN || continueAsNewSuggested;
  };
  await condition(() => isLong() && allHandlersFinished());
  await continueAsNew<typeof quota>(budget);
}
