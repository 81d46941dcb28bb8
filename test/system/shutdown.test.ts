// A worker that is told to stop ends or gives back what it is at, gives back its permits, and exits with code 0.
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { budgetQuery, quotaWorkflowId } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';
import type { WorkerProcess } from '../support/worker-process.js';

let requests: Requests;
let harness: Harness;
let handle: WorkflowHandle;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ worker: false, simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

const begin = async (spec: unknown): Promise<void> => {
  handle = await harness.begin(spec);
};

/** `npm start` gives its worker 25 s before it kills it. */
const LONGEST_STOP_MS = 25_000;
/** Enough on a machine that does nothing else; one that took twice as long also takes longer to stop a worker. */
const USUAL_START_MS = 2_500;

/**
 * Of a worker that is told to stop.
 * @param meanwhile what happens once the worker has begun to stop
 */
const exitCode = async (
  worker: WorkerProcess,
  meanwhile = (): void => undefined,
): Promise<number | NodeJS.Signals> => {
  const started = performance.now();
  worker.process.kill('SIGTERM');
  await worker.said('STOPPING');
  meanwhile();
  const code = await worker.ended;
  const busy = Math.max(1, worker.startedInMs / USUAL_START_MS);
  expect(performance.now() - started).toBeLessThan(LONGEST_STOP_MS * busy);
  return code;
};

/** A new worker ends the run with the truth. */
const expectEnd = async (days: number, calls: number, lost = 0): Promise<void> => {
  await harness.startWorkerProcess();
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  const today = dateOf(Date.now());
  const question = {
    accountId: ACCOUNT,
    objectType: 'campaigns' as const,
    from: addDays(today, 1 - days),
    to: today,
  };
  expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
    trueLines(harness.simulator.generator, question),
  );
  expect(harness.calls()).toBe(calls);
  expect(run.apiCalls.total).toBe(calls);
  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  const { limits } = await quota.query(budgetQuery);
  expect(limits[0]!.spent).toBe(calls);
  expect(limits[0]!.leased).toBeLessThanOrEqual(lost);
};

test('a chunk with a slow answer is ended first, and permits at hand are given back', async () => {
  // The report is ready at the first look: the permit for the second is at hand while it is downloaded.
  harness.simulator.settings.reportPollsUntilReady = 1;
  harness.simulator.settings.faults = [{ effect: 'slow-body', route: 'download', delayMs: 2_000, times: 1 }];
  const worker = await harness.startWorkerProcess();
  await begin(specOf());
  await requests.reach(1, /storage/);
  expect(await exitCode(worker)).toBe(0);
  await expectEnd(186, 4);
  expect(harness.simulator.log.filter(({ route }) => route === 'download')).toHaveLength(1);
});

test('a chunk whose answer does not come is given back, and asked again for one call', async () => {
  requests.intercept = (request, _response, next) => {
    if (!request.path.endsWith('/analytics')) next();
  };
  const worker = await harness.startWorkerProcess();
  await begin(specOf({ backfillDays: 30 }));
  await requests.reach(1, /analytics/);
  expect(await exitCode(worker)).toBe(0);
  requests.intercept = (_request, _response, next) => next();
  await expectEnd(30, 4);
});

test('where the next permit cannot be had any more, the rest is left to the next worker', async () => {
  let release = (): void => undefined;
  requests.intercept = (request, _response, next) => {
    if (request.path.endsWith(ACCOUNT)) release = next;
    else next();
  };
  const worker = await harness.startWorkerProcess();
  await begin(specOf({ backfillDays: 30 }));
  await requests.reach(1, /./);
  expect(await exitCode(worker, () => release())).toBe(0);
  // The quota hears of the lease when the next worker runs it: a permit that nobody waits for any more.
  await expectEnd(30, 3, 1);
});
