// What Temporal knows of a workflow's activities.
import type { Client, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';

/** The events of a workflow's newest run and of those that it continues, the oldest first. */
export const eventsOfAllRuns = async (
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<temporal.api.history.v1.IHistoryEvent[]> => {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const before = events![0]!.workflowExecutionStartedEventAttributes!.continuedExecutionRunId;
  return before ? [...(await eventsOfAllRuns(client, workflowId, before)), ...events!] : events!;
};

/** How often each call of an activity was tried, in the order in which they were scheduled. */
export const attemptsAt = async (handle: WorkflowHandle, activity: string): Promise<number[]> => {
  const { events } = await handle.fetchHistory();
  const scheduled = events!.filter(
    ({ activityTaskScheduledEventAttributes: task }) => task?.activityType?.name === activity,
  );
  return scheduled.map(({ eventId }) => {
    const started = events!.findLast(({ activityTaskStartedEventAttributes: task }) =>
      task?.scheduledEventId?.eq(eventId!),
    );
    return started?.activityTaskStartedEventAttributes?.attempt ?? 0;
  });
};

/** A workflow's details, as the Web UI shows them. */
export const detailsOf = async (handle: WorkflowHandle): Promise<string> => {
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return currentDetails;
};

/** What the timers of a workflow say, in the order in which they were started. */
export const timerSummaries = async (handle: WorkflowHandle): Promise<string[]> => {
  const { events } = await handle.fetchHistory();
  return events!
    .filter((event) => event.timerStartedEventAttributes)
    .map(({ userMetadata }) => defaultPayloadConverter.fromPayload<string>(userMetadata!.summary as Payload));
};

/** What the activities that are under way have told by their heartbeats; undefined of one that has told nothing. */
export const heartbeatsOf = async (handle: WorkflowHandle): Promise<unknown[]> => {
  const { raw } = await handle.describe();
  return raw.pendingActivities!.map(({ heartbeatDetails }) => {
    const [told] = heartbeatDetails?.payloads ?? [];
    return told && defaultPayloadConverter.fromPayload(told);
  });
};
