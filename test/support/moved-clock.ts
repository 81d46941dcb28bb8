// The server's time, as the activities of a worker in this process read it, moved ahead by as much as the test says.
import { Context } from '@temporalio/activity';

const DAY_MS = 86_400_000;

/** Until the end of the test. A simulator's clock goes along by `now: clock.now`. */
export const movedClock = (): { ahead(days: number): void; now: () => number } => {
  let aheadMs = 0;
  const moved = new WeakSet<Context>();
  const current = Context.current.bind(Context);
  jest.spyOn(Context, 'current').mockImplementation(() => {
    const context = current();
    if (!moved.has(context)) {
      moved.add(context);
      const info = context.info as {
        scheduledTimestampMs: number;
        currentAttemptScheduledTimestampMs: number;
      };
      info.scheduledTimestampMs += aheadMs;
      info.currentAttemptScheduledTimestampMs += aheadMs;
    }
    return context;
  });
  return { ahead: (days) => (aheadMs += days * DAY_MS), now: () => Date.now() + aheadMs };
};
afterEach(() => jest.restoreAllMocks());
