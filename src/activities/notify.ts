// Tells a webhook that a run has ended. How often it is tried is the workflow's decision.
import { ApplicationFailure, Context } from '@temporalio/activity';
import { KnownError, type FailureKind } from '../dataflow/failures.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { Dependencies } from './dependencies.js';
import { mustBeRun, ownRecord, thisWorkflow } from './own-run.js';
import type { RunRef } from './run.js';

export interface NotifyInput {
  run: RunRef;
  /** Told is what the store has of the run; this stands in histories. */
  record: FlowRun;
}

/** What the webhook gets. */
export interface Alert {
  dataflow: string;
  adAccountId: string;
  workflowId: string;
  record: FlowRun;
}

const LONGEST_PAUSE_MS = 60_000;

export const notify =
  (dependencies: Dependencies) =>
  async ({ run }: NotifyInput): Promise<void> => {
    const { alerts, retryPauseMs } = dependencies;
    const { attempt } = Context.current().info;
    try {
      await mustBeRun(dependencies, run.runId);
      const record = await ownRecord(dependencies, run);
      if (!record) throw new KnownError('ClaimLost', `The run ${run.runId} has left no record to tell of`);
      if (!alerts) throw new Error('This worker has no ALERT_WEBHOOK_URL');
      const { workflowId } = thisWorkflow();
      await alerts.send(record.id, { ...run.place, workflowId, record } satisfies Alert);
    } catch (error) {
      if (error instanceof KnownError && error.kind === 'ClaimLost') throw error;
      throw ApplicationFailure.create({
        type: 'AlertNotDelivered' satisfies FailureKind,
        message: (error as Error).message,
        nextRetryDelay: Math.min(retryPauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS),
      });
    }
  };
