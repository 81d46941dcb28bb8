// The last step of a reconciliation: its findings into the store, a claim given back.
import type { Reconciliation } from '../../dataflow/reconcile/reconciliation.js';
import type { Dependencies } from '../dependencies.js';
import { mustBeRun, thisWorkflow } from '../own-run.js';
import { scheduledAtMs } from '../run.js';
import type { Compared } from './compared.js';

export interface KeepReconciliationInput {
  compared: Compared;
  runId: string;
  startedAtMs: number;
  /** Null if it came to no answer: then only the claim is given back. */
  result: Reconciliation | null;
}

export const keepReconciliation =
  (dependencies: Dependencies) =>
  async ({ compared, runId, startedAtMs, result }: KeepReconciliationInput): Promise<void> => {
    await mustBeRun(dependencies, runId);
    const { store, gates } = dependencies;
    const { account } = compared;
    const { workflowId } = thisWorkflow();
    if (result) {
      const { status, window, apiCalls } = result;
      await store.reconciliations.save(account, {
        id: runId,
        workflowId,
        status,
        startedAtMs,
        completedAtMs: scheduledAtMs(),
        ...window,
        apiCalls,
        result,
      });
    }
    await store.claims.release(account, workflowId);
    await gates.giveBack(account.dataflow);
  };
