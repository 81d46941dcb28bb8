// What open runs wait for, read from their histories.
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { WorkflowHandle } from '@temporalio/client';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

/** An event's name in Temporal's code, as in `timerStarted`. */
const nameOf = (event: Event): string =>
  Object.keys(event)
    .find((key) => key.endsWith('EventAttributes'))!
    .replace('EventAttributes', '');

/** When the first timer of a run fires, epoch ms: -Infinity if a step is under way, Infinity if the run has ended. */
export const wakesAtMs = ({ events }: History): number => {
  const timers = new Map<string, number>();
  let tasks = 0;
  for (const event of events!) {
    const name = nameOf(event);
    if (/^workflowExecution(Completed|Failed|TimedOut|Canceled|Terminated)$/.test(name)) return Infinity;
    if (name.endsWith('TaskScheduled')) tasks += 1;
    if (/Task(Completed|Failed|TimedOut|Canceled)$/.test(name)) tasks -= 1;
    const { timerStartedEventAttributes: started } = event;
    const over = event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes;
    if (started) timers.set(started.timerId!, tsToMs(event.eventTime) + tsToMs(started.startToFireTimeout));
    if (over) timers.delete(over.timerId!);
  }
  return tasks > 0 || timers.size === 0 ? -Infinity : Math.min(...timers.values());
};

/** The last steps of a run, in the history's words. */
export const lastSteps = ({ events }: History): string => events!.slice(-6).map(nameOf).join(', ');
