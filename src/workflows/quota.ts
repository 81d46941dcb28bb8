// The budget of one Pinterest app, `quota/<app>`: shared by all its dataflows, outlives every worker.
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { newBudget, type Budget } from '../quota/budget/budget-state.js';
import { reduceBudget } from '../quota/budget/budget.js';
import { budgetView } from '../quota/budget/budget-view.js';
import { budgetQuery, holdSignal, leaseUpdate, settleSignal } from './contract.js';

/** Events after which a run's history is cut: an Update takes five. */
const EVENTS_A_RUN = 1_500;

/** @param carried the budget so far, if it continues as new */
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
  setHandler(budgetQuery, () => budgetView(budget, Date.now()), {
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
