// The activities as workflows see them: by type only, each with the patience that fits it, on the queue that it belongs to.
import {
  ActivityCancellationType,
  proxyActivities,
  workflowInfo,
  type ActivityInterfaceFor,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { shortTaskQueue } from './contract.js';

/** Their queue is known once a workflow runs: beside the one that it was started on. */
const short = <Names extends keyof Activities>(
  options: ActivityOptions,
): ActivityInterfaceFor<Pick<Activities, Names>> =>
  proxyActivities<Pick<Activities, Names>>({
    ...options,
    taskQueue: shortTaskQueue(workflowInfo().taskQueue),
  });

/** How often a failure of a call is tried again is the activity's own decision, by its kind. */
const CALLS_A_REMOTE: ActivityOptions = {
  startToCloseTimeout: '2 hours',
  heartbeatTimeout: '10 seconds',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
};

/** Short steps that only read and write the store. */
export const store = () =>
  short<'prepareRun' | 'planChunks' | 'planDeliveries' | 'finishRun'>({
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 10 },
  });

/** The same, beside any run. */
export const holdings = () =>
  short<'forgetCells' | 'describeDataflow' | 'listDataflows' | 'dropDataflow'>({
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
  });

/** The short steps of a reconciliation. */
export const reconciling = () =>
  short<'planReconciliation' | 'claimRepair' | 'keepReconciliation'>({
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '10 seconds',
    retry: { initialInterval: '1 second', maximumInterval: '30 seconds', maximumAttempts: 10 },
  });

/** Its questions to Pinterest. */
export const comparing =
  proxyActivities<Pick<Activities, 'requestComparison' | 'compareChunk' | 'compareAccount'>>(CALLS_A_REMOTE);

/** What a dead webhook may hold up: the activity's own pauses, about five minutes in all. */
export const alerts = () =>
  short<'notify'>({ startToCloseTimeout: '30 seconds', retry: { maximumAttempts: 10 } });

/** Short steps that ask Pinterest, and that somebody waits for. */
export const questions = () =>
  short<'dryRun' | 'listAccounts' | 'checkConnection' | 'explore' | 'preview' | 'previewReport'>(
    CALLS_A_REMOTE,
  );

/** What may take long. */
export const pinterest =
  proxyActivities<Pick<Activities, 'refreshCatalogue' | 'requestReport' | 'loadChunk'>>(CALLS_A_REMOTE);

/** Short steps that ask a target. */
export const target = () => short<'prepareTarget' | 'followDeliveries'>(CALLS_A_REMOTE);

/** What may take long: a partition's rows on their way to a target. */
export const { sendPartition } = proxyActivities<Pick<Activities, 'sendPartition'>>(CALLS_A_REMOTE);
