// The activities as workflows see them: by type only, each with the patience that fits it.
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';

/** Activities that only read and write the store. */
export const store = proxyActivities<Pick<Activities, 'prepareRun' | 'planChunks' | 'finishRun'>>({
  startToCloseTimeout: '15 minutes',
  heartbeatTimeout: '10 seconds',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 10 },
});

/** What a dead webhook may hold up: the activity's own pauses, about five minutes in all. */
export const alerts = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 10 },
});

/** Activities that call Pinterest. How often a failure is tried again is the activity's own decision, by its kind. */
export const pinterest = proxyActivities<
  Pick<Activities, 'refreshCatalogue' | 'requestReport' | 'loadChunk' | 'dryRun' | 'listAccounts'>
>({
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});
