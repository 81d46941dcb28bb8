// The quota workflow as a worker talks to it; started by the first lease.
import {
  ApplicationFailure,
  WithStartWorkflowOperation,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import type { BudgetSnapshot } from './observability/snapshots.js';
import type { BudgetAccess } from './quota/permits/gates.js';
import type { QuotaLimit } from './quota/limits.js';
import {
  budgetQuery,
  holdSignal,
  leaseUpdate,
  QUOTA,
  quotaWorkflowId,
  settleSignal,
  type Quota,
} from './workflows/contract.js';

/** How often a lease is tried again that met the workflow while it continued as new. */
const TRIES = 5;
/** No answer comes if no worker runs the quota workflow: the asking worker is the last and about to stop. */
const ANSWER_MS = 10_000;

const LONGEST_WORD = 100;

/** Who started a workflow, as far as Temporal knows. */
const starterOf = async (client: Client, workflowId: string): Promise<string> => {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return (started?.identity || 'somebody').slice(0, LONGEST_WORD);
};

/** What is wrong with the workflow that has the quota's id; undefined if nothing is, or nobody can tell. */
const wrongWith = async (
  client: Client,
  workflowId: string,
  taskQueue: string,
): Promise<string | undefined> => {
  try {
    return await client.withDeadline(Date.now() + ANSWER_MS / 2, async () => {
      const found = await client.workflow.getHandle(workflowId).describe();
      const isQuota = found.type === QUOTA;
      if (isQuota && found.taskQueue === taskQueue) return undefined;
      const what = isQuota
        ? `waits for workers on the task queue ${found.taskQueue.slice(0, LONGEST_WORD)}, not on ${taskQueue}`
        : `is a ${found.type.slice(0, LONGEST_WORD)}, not a quota`;
      return (
        `the workflow ${workflowId} ${what}; ${await starterOf(client, workflowId)} started it at ` +
        `${found.startTime.toISOString()}. End it (temporal workflow terminate --workflow-id ${workflowId}), and the ` +
        'quota starts by itself'
      );
    });
  } catch {
    return undefined;
  }
};

/** @param unanswered hears why the quota does not answer */
export const quotaAccess = (
  client: Client,
  app: string,
  taskQueue: string,
  unanswered: (reason: string) => void = () => undefined,
): BudgetAccess => {
  const workflowId = quotaWorkflowId(app);
  const start = () =>
    new WithStartWorkflowOperation<Quota>(QUOTA, {
      workflowId,
      taskQueue,
      args: [],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `API calls of the Pinterest app ${app}`,
    });
  const handle = client.workflow.getHandle<Quota>(workflowId);
  const lease: BudgetAccess['lease'] = (request) => {
    const untilMs = Date.now() + ANSWER_MS;
    return client.withDeadline(untilMs, async () => {
      for (let tried = 1; ; tried++) {
        try {
          // The same id each time: a lease that was granted unheard is answered again, not granted twice.
          return await client.workflow.executeUpdateWithStart(leaseUpdate, {
            updateId: tried === 1 ? request.leaseId : `${request.leaseId}/${tried}`,
            args: [request],
            startWorkflowOperation: start(),
          });
        } catch (error) {
          const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
          if (cause instanceof ApplicationFailure && cause.type === 'Misfit')
            throw new Error(`it refuses the request: ${cause.message}`, { cause: error });
          if (Date.now() >= untilMs)
            throw new Error(`The quota, workflow ${workflowId}, did not answer in ${ANSWER_MS / 1000} s`, {
              cause: error,
            });
          if (tried >= TRIES) throw error;
        }
      }
    });
  };
  return {
    lease: async (request) => {
      try {
        return await lease(request);
      } catch (error) {
        const reason = (await wrongWith(client, workflowId, taskQueue)) ?? (error as Error).message;
        unanswered(reason);
        throw new Error(reason, { cause: error });
      }
    },
    settle: (settled) => handle.signal(settleSignal, settled),
    hold: (waitMs, why) => handle.signal(holdSignal, { waitMs, why }),
  };
};

/** What is left of an app's budget: all of it before its first call. */
export const readBudget = async (
  client: Client,
  app: string,
  limits: readonly QuotaLimit[],
): Promise<BudgetSnapshot> => {
  const handle = client.workflow.getHandle(quotaWorkflowId(app));
  try {
    const { callsLeft, waiting } = await client.withDeadline(Date.now() + ANSWER_MS, () =>
      handle.query(budgetQuery),
    );
    return { callsLeft, waiting: waiting.length };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { callsLeft: Math.min(...limits.map(({ calls }) => calls)), waiting: 0 };
  }
};
