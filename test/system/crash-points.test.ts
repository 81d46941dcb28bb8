// The worker dies by SIGKILL at an exact point; a new one ends the job: with the truth, for the calls that the point costs.
import type { WorkflowHandle } from '@temporalio/client';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { budgetQuery, pauseSignal, quotaWorkflowId, resumeSignal } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';
import { type WorkerProcess } from '../support/worker-process.js';

/** Ad account, catalogue, and a report asked for and looked at twice. */
const REPORT = specOf();
const REPORT_CALLS = 5;
/** Ad account, catalogue, and one call for all campaigns. */
const ANALYTICS = specOf({ backfillDays: 30 });
const ANALYTICS_CALLS = 3;
/** Permits a worker has leased at once, and no more are lost with it. */
const MOST_LOST = 4;

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ worker: false });
});
afterEach(() => harness.close());

const startWorker = (crash?: Record<string, string>): Promise<WorkerProcess> =>
  harness.startWorkerProcess(crash, `test/support/${crash ? 'crashing-worker' : 'worker'}.mjs`);

/** A run whose worker has died at a point. */
const crashed = async (spec: unknown, CRASH_AT: string, times = 1): Promise<WorkflowHandle> => {
  const worker = await startWorker({ CRASH_AT, CRASH_TIMES: String(times) });
  const handle = await harness.begin(spec);
  expect(await worker.ended).toBe('SIGKILL');
  return handle;
};

/** A new worker ends the run. */
const ended = async (handle: WorkflowHandle): Promise<FlowRun> => {
  await startWorker();
  return (await handle.result()) as FlowRun;
};

const expectTruth = async (days: number): Promise<void> => {
  const today = dateOf(Date.now());
  const question = {
    accountId: ACCOUNT,
    objectType: 'campaigns' as const,
    from: addDays(today, 1 - days),
    to: today,
  };
  const lines = trueLines(harness.simulator.generator, question);
  expect(lines.length).toBeGreaterThan(days);
  expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(lines);
};

/** Every call the server saw is in the record, but for those that only the dead attempt knew of. */
const expectCounted = (run: FlowRun, calls: number, forgotten: number): void => {
  expect(run.apiCalls.total).toBeLessThanOrEqual(calls);
  expect(run.apiCalls.total).toBeGreaterThanOrEqual(calls - forgotten);
};

/** What the quota counts: never less than the server does, and no more than that and what the worker took with it. */
const expectQuotaCounts = async (atLeast: number): Promise<void> => {
  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  const { limits } = await quota.query(budgetQuery);
  const counted = limits[0]!.spent + limits[0]!.leased;
  expect(counted).toBeGreaterThanOrEqual(atLeast);
  expect(counted).toBeLessThanOrEqual(harness.calls() + MOST_LOST);
};

/** When the rows that the store holds were asked for, and what coverage says of it. */
const held = async (): Promise<{ rows: string[]; coverage: string[] }> => {
  const [state] = await query(
    harness.storePath,
    `SELECT (SELECT list(DISTINCT _loaded_at::TEXT ORDER BY _loaded_at::TEXT) FROM acme_ads.campaign_analytics) AS rows,
            (SELECT list(DISTINCT asked_for::TEXT ORDER BY asked_for::TEXT) FROM acme_ads.coverage) AS coverage`,
  );
  return state as { rows: string[]; coverage: string[] };
};

test('1. a permit was taken and its request not sent: no call more; the three permits leased count as spent', async () => {
  // The third call of the run asks for the report; it is leased together with two looks at it.
  const run = await ended(await crashed(REPORT, 'permit taken', 3));
  expect(run.status).toBe('success');
  await expectTruth(186);
  expect(harness.calls()).toBe(REPORT_CALLS);
  expectCounted(run, REPORT_CALLS, 0);
  await expectQuotaCounts(REPORT_CALLS + 3);
});

test.each([
  ['a report', 'one look at it more', REPORT, 186, REPORT_CALLS + 1],
  ['analytics', 'the call in flight again', ANALYTICS, 30, ANALYTICS_CALLS + 1],
])(
  '2. the answer of %s had come whole and nothing was committed: %s',
  async (_, _cost, spec, days, calls) => {
    const run = await ended(await crashed(spec, 'answer staged'));
    expect(run.status).toBe('success');
    await expectTruth(days);
    expect(harness.calls()).toBe(calls);
    expectCounted(run, calls, 1);
    await expectQuotaCounts(calls);
  },
);

/** A run that reads again what is not final; its worker dies around the commit. */
const crashedRestating = async (point: string) => {
  const worker = await startWorker();
  await (await harness.begin(ANALYTICS)).result();
  await worker.kill('SIGTERM');
  const before = await held();
  const callsBefore = harness.calls();
  const handle = await crashed(ANALYTICS, point);
  return { handle, before, callsBefore };
};

test('3. rows were replaced and the transaction was open: the store is as before, and the call in flight is made again', async () => {
  const { handle, before, callsBefore } = await crashedRestating('before commit');
  expect(await held()).toEqual(before);
  const run = await ended(handle);
  expect(run.status).toBe('success');
  await expectTruth(30);
  expect(harness.calls() - callsBefore).toBe(2);
  expectCounted(run, 2, 1);
  await expectQuotaCounts(harness.calls());
});

test('4. the commit was made and not reported: no call more', async () => {
  const { handle, before, callsBefore } = await crashedRestating('after commit');
  const after = await held();
  expect(after.rows).toEqual(after.coverage);
  expect(after.rows).not.toEqual(before.rows);
  const run = await ended(handle);
  expect(run.status).toBe('success');
  await expectTruth(30);
  expect(harness.calls() - callsBefore).toBe(1);
  expectCounted(run, 1, 1);
  expect(await held()).toEqual(after);
  await expectQuotaCounts(harness.calls());
});

test('5. a report was asked for and its token lost: one report more', async () => {
  const run = await ended(await crashed(REPORT, 'report asked for'));
  expect(run.status).toBe('success');
  await expectTruth(186);
  expect(harness.simulator.log.filter(({ method }) => method === 'POST')).toHaveLength(2);
  expect(harness.calls()).toBe(REPORT_CALLS + 1);
  expectCounted(run, REPORT_CALLS + 1, 1);
  await expectQuotaCounts(REPORT_CALLS + 1);
});

test('a paused run outlives its worker, stays paused, and costs no call more once resumed', async () => {
  const first = await startWorker();
  const handle = await harness.begin(specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) }));
  await handle.signal(pauseSignal);
  // Ad account and catalogue: what is under way when the pause comes is brought to its end.
  await progressUntil(handle, ({ apiCalls }) => apiCalls.total >= 5);
  await first.kill();
  await startWorker();
  expect(await progressOf(handle)).toMatchObject({ paused: true, chunks: { done: 0, running: 0 } });
  expect(harness.calls()).toBe(5);
  await handle.signal(resumeSignal);
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  await expectTruth(186);
  expect(harness.calls()).toBe(14);
  expect(run.apiCalls.total).toBe(14);
});
