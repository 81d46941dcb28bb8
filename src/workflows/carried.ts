// The state that one execution hands to the next. It is an argument, and anybody may start a workflow with any argument.
import { workflowInfo } from '@temporalio/workflow';

/**
 * What was carried, if this execution continues another of our own; undefined if a person started it. A retry and a
 * schedule by cron continue another execution too, but with the arguments that the first one was started with.
 */
export const believed = <Carried>(carried: Carried | undefined): Carried | undefined => {
  const { continuedFromExecutionRunId, attempt, cronSchedule } = workflowInfo();
  return continuedFromExecutionRunId !== undefined && attempt === 1 && !cronSchedule ? carried : undefined;
};
