// A run's last step: its record into the store, its claim given back.
import type { DateRange } from '../dataflow/dates.js';
import { flowRunRecord, type FlowRun, type RunStatus, type RunTotals } from '../dataflow/flow-run.js';
import type { Dependencies } from './dependencies.js';
import { scheduledAtMs, type RunRef } from './run.js';
import { Context } from '@temporalio/activity';

export interface FinishInput {
  run: RunRef;
  status: RunStatus;
  totals: RunTotals;
  window: DateRange | null;
}

export const finishRun =
  (dependencies: Dependencies) =>
  async ({ run, status, totals, window }: FinishInput): Promise<FlowRun> => {
    const { store, gates, metrics, log } = dependencies;
    const record = flowRunRecord(status, totals, {
      id: run.runId,
      startedAtMs: run.startedAtMs,
      completedAtMs: scheduledAtMs(),
      window,
    });
    const { workflowId } = Context.current().info.workflowExecution!;
    await store.runs.save(run.place, workflowId, record);
    await store.claims.release(run.place, workflowId);
    await gates.giveBack(run.place.dataflow);
    const { total: apiCalls } = totals.apiCalls;
    log.info({ dataflow: run.place.dataflow, workflowId, status, apiCalls }, 'run ended');
    metrics.runEnded({ dataflow: run.place.dataflow, status });
    return record;
  };
