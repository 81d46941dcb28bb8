// The worker program on a later day: the server's time, as its activities read it, is ahead by DAYS_AHEAD.
import process from 'node:process';
import { Context } from '@temporalio/activity';

const aheadMs = Number(process.env.DAYS_AHEAD) * 86_400_000;
const current = Context.current.bind(Context);
const moved = new WeakSet();
Context.current = () => {
  const context = current();
  if (!moved.has(context)) {
    moved.add(context);
    context.info.scheduledTimestampMs += aheadMs;
    context.info.currentAttemptScheduledTimestampMs += aheadMs;
  }
  return context;
};
await import('../dist/src/worker.js');
