// Who else hears of a run: a webhook, of its end; and the run of several ad accounts that it belongs to, of how far it is.
import {
  ActivityFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  workflowInfo,
} from '@temporalio/workflow';
import type { RunRef } from '../activities/run.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import { alerts } from './activities.js';
import { accountSignal, accountWorkflowId, type DataflowProgress } from './contract.js';

/** An alert that cannot be delivered does not fail the run. */
export const notifyWebhook = async (run: RunRef, record: FlowRun): Promise<void> => {
  try {
    await CancellationScope.nonCancellable(() =>
      alerts().notify.executeWithOptions({ summary: `alert: ${record.status}` }, [{ run, record }]),
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
  }
};

/** Does nothing if this run does not belong to one of several ad accounts. */
export const notifyParent = async (adAccountId: string, progress: DataflowProgress): Promise<void> => {
  const { parent, workflowId } = workflowInfo();
  if (!parent || workflowId !== accountWorkflowId(parent.workflowId, adAccountId)) return;
  const { chunks, rows, apiCalls } = progress;
  try {
    const news = { adAccountId, chunks, rows, apiCalls: apiCalls.total };
    await getExternalWorkflowHandle(parent.workflowId).signal(accountSignal, news);
  } catch {
    // It has ended: nobody listens.
  }
};
