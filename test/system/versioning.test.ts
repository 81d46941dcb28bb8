// Upgrades under Worker Versioning: runs end where they began, what is new goes to the new version, the budget holds over both.
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { budgetQuery, pauseSignal, quotaWorkflowId, resumeSignal } from '../../src/workflows/contract.js';
import { Deployment, versionOf, workersOf, workersOfAllRuns } from '../support/deployment.js';
import { ACCOUNT, Harness, progressUntil, specOf, type HarnessOptions } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';

const SMALL = { id: ACCOUNT, campaigns: 2, adGroups: 2, ads: 2 };

let requests: Requests;
let harness: Harness;
let deployment: Deployment;
const start = async ({ simulator, ...options }: HarnessOptions = {}): Promise<void> => {
  requests = new Requests();
  harness = await Harness.start({
    worker: false,
    simulator: { adAccounts: [SMALL], middleware: [requests.middleware], ...simulator },
    ...options,
  });
  deployment = new Deployment(harness);
};
afterEach(() => harness.close());

/** As the dataflow `name`, a workflow of that name. */
const begin = (name: string): Promise<WorkflowHandle> =>
  harness.begin({ ...specOf(), name }, { workflowId: workflowId(name) });
const workflowId = (name: string): string => `${name}-${harness.simulator.port}`;
const pidsOf = (name: string): Promise<number[]> => workersOf(harness.client, workflowId(name));

const expectTruth = async (name: string, accountId = ACCOUNT): Promise<void> => {
  const to = dateOf(Date.now());
  const question = { accountId, objectType: 'campaigns', from: addDays(to, -185), to } as const;
  const lines = await storedLines(harness.storePath, name.replaceAll('-', '_'), question);
  expect(lines).toEqual(trueLines(harness.simulator.generator, question));
};

/** Ends with the truth, for as many calls as `calls` says. */
const expectEnd = async (handle: WorkflowHandle, name: string, calls?: number): Promise<FlowRun> => {
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  if (calls !== undefined) expect(run.apiCalls.total).toBe(calls);
  await expectTruth(name);
  return run;
};

test('a deploy leaves the run that is on where it is, and the budget counts on', async () => {
  await start({ environment: { PINTEREST_QUOTA: '24/1h' } });
  const quotaId = quotaWorkflowId(harness.environment['PINTEREST_APP']!);
  const a = await deployment.startWorker('a');
  await deployment.makeCurrent('a');
  // The same run without a deploy: what it costs.
  const alone = await expectEnd(await begin('alone'), 'alone');
  const calls = alone.apiCalls.total;
  expect(harness.calls()).toBe(calls);
  expect(await versionOf(harness.client, quotaId)).toBe('a');

  const report = requests.holdBack(/POST .*reports$/);
  const crossing = await begin('crossing');
  await report.reached;
  const b = await deployment.startWorker('b');
  await deployment.makeCurrent('b');
  report.release();
  await expectEnd(crossing, 'crossing', calls);
  expect(await pidsOf('crossing')).toEqual([a.process.pid]);
  expect(harness.calls()).toBe(2 * calls);

  await expectEnd(await begin('new'), 'new', calls);
  expect(await pidsOf('new')).toEqual([b.process.pid]);
  expect(await versionOf(harness.client, quotaId)).toBe('b');
  expect(await workersOfAllRuns(harness.client, quotaId)).toEqual([a.process.pid, b.process.pid]);

  a.process.kill('SIGTERM');
  expect(await a.ended).toBe(0);
  await expectEnd(await begin('later'), 'later', calls);
  expect(harness.calls()).toBe(4 * calls);
  const { limits } = await harness.client.workflow.getHandle(quotaId).query(budgetQuery);
  expect(limits).toMatchObject([{ limit: '24/1h', spent: 4 * calls, leased: 0 }]);

  // What the first version spent leaves too little for one more.
  const tooMuch = await begin('too-much');
  const { waiting } = await progressUntil(tooMuch, (progress) => progress.waiting !== null);
  expect(waiting!.why).toContain('24/1h');
  expect(harness.calls()).toBeLessThanOrEqual(24);
  await tooMuch.terminate();
});

test('ad accounts that begin after the deploy stay with the run that named them', async () => {
  const other = '549755885176';
  await start({ simulator: { adAccounts: [SMALL, { ...SMALL, id: other }] } });
  const a = await deployment.startWorker('a');
  await deployment.makeCurrent('a');
  const list = requests.holdBack(/ad_accounts$/);
  const spec = { ...specOf(), name: 'several', connection: { adAccountIds: 'all' } };
  const several = await harness.begin(spec, { workflowId: workflowId('several') });
  await list.reached;
  await deployment.startWorker('b');
  await deployment.makeCurrent('b');
  list.release();
  const run = (await several.result()) as FlowRun;
  expect(run).toMatchObject({ status: 'success', apiCalls: { total: harness.calls() } });
  for (const account of [ACCOUNT, other]) {
    expect(await workersOf(harness.client, `${several.workflowId}/${account}`)).toEqual([a.process.pid]);
    await expectTruth('several', account);
  }
  expect(await pidsOf('several')).toEqual([a.process.pid]);
});

test('a run that began without versioning is taken over by the first version that is current', async () => {
  await start();
  const unversioned = await deployment.startWorker();
  const report = requests.holdBack(/POST .*reports$/);
  const handle = await begin('first');
  await report.reached;
  const a = await deployment.startWorker('a');
  await deployment.makeCurrent('a');
  report.release();
  const run = await expectEnd(handle, 'first');
  expect(await pidsOf('first')).toEqual([unversioned.process.pid, a.process.pid]);
  expect(run.apiCalls.total).toBe(harness.calls());
  expect(harness.simulator.log.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a run whose version has no workers any more is moved by its operator', async () => {
  await start();
  const a = await deployment.startWorker('a');
  await deployment.makeCurrent('a');
  const report = requests.holdBack(/POST .*reports$/);
  const handle = await begin('moved');
  await report.reached;
  await handle.signal(pauseSignal);
  report.release();
  await progressUntil(handle, ({ chunks }) => chunks.done > 0);
  await a.kill();
  const b = await deployment.startWorker('b');
  await deployment.makeCurrent('b');
  await handle.signal(resumeSignal);
  expect(await versionOf(harness.client, handle.workflowId)).toBe('a');
  await deployment.move(handle, 'b');
  const run = await expectEnd(handle, 'moved');
  expect(await pidsOf('moved')).toEqual([a.process.pid, b.process.pid]);
  expect(await versionOf(harness.client, handle.workflowId)).toBe('b');
  expect(run.apiCalls.total).toBe(harness.calls());
});

test('a run that continues as new goes on with the newest version', async () => {
  await start();
  await deployment.startWorker('a');
  await deployment.makeCurrent('a');
  const report = requests.holdBack(/POST .*reports$/);
  const handle = await begin('long');
  await report.reached;
  const { runId } = await handle.describe();
  // Beyond 4 MiB Temporal calls a history long.
  for (let i = 0; i < 3; i++) await handle.signal(resumeSignal.name, 'x'.repeat(1_500_000));
  const b = await deployment.startWorker('b');
  await deployment.makeCurrent('b');
  report.release();
  const run = await expectEnd(handle, 'long');
  expect(run.apiCalls.total).toBe(harness.calls());
  const first = await harness.client.workflow.getHandle(handle.workflowId, runId).describe();
  expect(first.status.name).toBe('CONTINUED_AS_NEW');
  expect(first.raw.workflowExecutionInfo!.versioningInfo).toMatchObject({
    deploymentVersion: { buildId: 'a' },
  });
  expect(await pidsOf('long')).toEqual([b.process.pid]);
});
