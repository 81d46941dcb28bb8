// Activities are steps of our workflows, which hand on what was checked: whoever starts one on its own is refused.
import { ApplicationFailure } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';

export const onlyInWorkflows: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      if (info.workflowExecution) return next(input);
      throw ApplicationFailure.nonRetryable(
        `${info.activityType} is a step of a workflow: started on its own, it does nothing`,
        'StartedAlone',
      );
    },
  },
});
