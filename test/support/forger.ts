// A workflow of somebody else's, who has a worker: it asks for steps of a dataflow's run with whatever it likes.
import { proxyActivities } from '@temporalio/workflow';

export async function forge(
  taskQueue: string,
  steps: [activity: string, input: unknown][],
): Promise<unknown[]> {
  const activities = proxyActivities<Record<string, (input: unknown) => Promise<unknown>>>({
    taskQueue,
    startToCloseTimeout: '30 seconds',
    retry: { maximumAttempts: 1 },
  });
  const answers: unknown[] = [];
  for (const [activity, input] of steps) answers.push(await activities[activity]!(input));
  return answers;
}
