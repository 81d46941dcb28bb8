// What still goes on in a namespace, told of a test that is about to time out: where it hangs.
import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';

const EVENTS_TOLD = 15;
const { EventType } = temporal.api.enums.v1;

/** Of each open run: its versions, what it waits for, the end of its history. */
export const openRuns = async (client: Client): Promise<string> => {
  const told: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: 'ExecutionStatus = "Running"' })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { raw } = await handle.describe();
    const { events } = await handle.fetchHistory();
    const last = events!
      .slice(-EVENTS_TOLD)
      .map(({ eventId, eventType, eventTime }) =>
        [eventId, EventType[eventType!], eventTime!.seconds].join(' '),
      );
    const { pendingActivities, pendingWorkflowTask, workflowExecutionInfo } = raw;
    const waits = {
      pendingActivities,
      pendingWorkflowTask,
      versioningInfo: workflowExecutionInfo!.versioningInfo,
    };
    told.push(`${workflowId} ${runId} ${JSON.stringify(waits)}\n  ${last.join('\n  ')}`);
  }
  return told.join('\n');
};
