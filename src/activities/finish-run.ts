// A run's last step: its record into the store, its claim given back.
import type { DateRange } from '../dataflow/dates.js';
import { flowRunRecord, type FlowRun, type RunStatus, type RunTotals } from '../dataflow/flow-run.js';
import type { Dependencies } from './dependencies.js';
import { claimLost, isOwn, mustBeRun, ownRecord, thisWorkflow } from './own-run.js';
import { scheduledAtMs, type RunRef } from './run.js';

export interface FinishInput {
  run: RunRef;
  status: RunStatus;
  totals: RunTotals;
  window: DateRange | null;
}

/**
 * The record of an earlier attempt, if it gave the claim back and another run has taken it since.
 * @throws KnownError if another run has taken the claim over before
 */
const recordLeft = async (dependencies: Dependencies, run: RunRef): Promise<FlowRun | undefined> => {
  const claim = await dependencies.store.claims.of(run.place);
  if (isOwn(claim, run)) return undefined;
  const left = await ownRecord(dependencies, run);
  if (left) return left;
  throw claimLost(claim, run);
};

export const finishRun =
  (dependencies: Dependencies) =>
  async ({ run, status, totals, window }: FinishInput): Promise<FlowRun> => {
    const { store, gates, metrics, log } = dependencies;
    await mustBeRun(dependencies, run.runId);
    const left = await recordLeft(dependencies, run);
    if (left) return left;
    const record = flowRunRecord(status, totals, {
      id: run.runId,
      startedAtMs: run.startedAtMs,
      completedAtMs: scheduledAtMs(),
      window,
    });
    const { workflowId } = thisWorkflow();
    await store.runs.save(run.place, workflowId, record);
    await store.claims.release(run.place, workflowId);
    await store.giveBack();
    await gates.giveBack(run.place.dataflow);
    const { total: apiCalls } = totals.apiCalls;
    log.info({ dataflow: run.place.dataflow, workflowId, status, apiCalls }, 'run ended');
    metrics.runEnded({ dataflow: run.place.dataflow, status });
    return record;
  };
