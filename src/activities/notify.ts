// Tells a webhook that a run has ended. How often it is tried is the workflow's decision.
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { FailureKind } from '../dataflow/failures.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { Dependencies } from './dependencies.js';
import type { RunRef } from './run.js';

export interface NotifyInput {
  run: RunRef;
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
  ({ alerts, retryPauseMs }: Dependencies) =>
  async ({ run, record }: NotifyInput): Promise<void> => {
    const { attempt, workflowExecution } = Context.current().info;
    const { workflowId } = workflowExecution!;
    const alert: Alert = { ...run.place, workflowId, record };
    try {
      if (!alerts) throw new Error('This worker has no ALERT_WEBHOOK_URL');
      await alerts.send(record.id, alert);
    } catch (error) {
      throw ApplicationFailure.create({
        type: 'AlertNotDelivered' satisfies FailureKind,
        message: (error as Error).message,
        nextRetryDelay: Math.min(retryPauseMs * 2 ** (attempt - 1), LONGEST_PAUSE_MS),
      });
    }
  };
