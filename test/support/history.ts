// What Temporal knows of a workflow's activities.
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

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

/** What the activities that are under way have told by their heartbeats; undefined of one that has told nothing. */
export const heartbeatsOf = async (handle: WorkflowHandle): Promise<unknown[]> => {
  const { raw } = await handle.describe();
  return raw.pendingActivities!.map(({ heartbeatDetails }) => {
    const [told] = heartbeatDetails?.payloads ?? [];
    return told && defaultPayloadConverter.fromPayload(told);
  });
};
