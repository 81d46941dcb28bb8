// Steps of a run that no run asked for: started on their own, or by a workflow of somebody else's.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { RunRef } from '../../src/activities/run.js';
import { flowRunRecord, noTotals, type FlowRun } from '../../src/dataflow/flow-run.js';
import { shortTaskQueue, TASK_QUEUE } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf, temporalAddress } from '../support/harness.js';
import { query } from '../support/store-reader.js';

const SHORT = shortTaskQueue(TASK_QUEUE);
const SPEC = specOf({ backfillDays: 3 });
const PLACE = { dataflow: 'acme-ads', adAccountId: ACCOUNT };

let webhook: Server;
let alerts: string[];
let harness: Harness;
let genuine: FlowRun;
let before: unknown;
const stored = () => query(harness.storePath, 'SELECT * FROM acme_ads.flow_runs');
beforeAll(async () => {
  alerts = [];
  webhook = createServer((request, response) => {
    void text(request).then((body) => {
      alerts.push(body);
      response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  harness = await Harness.start({
    environment: {
      ALERT_WEBHOOK_URL: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/`,
      ALERT_WEBHOOK_SECRET: 'a-secret-of-ours',
    },
  });
  genuine = await harness.run(SPEC, { workflowId: 'genuine' });
  before = await stored();
  alerts.length = 0;
});
afterAll(async () => {
  await harness.close();
  webhook.close();
});

const totals = { ...noTotals(), outputRows: 999_999 };
const refOf = (runId: string): RunRef => ({ place: PLACE, credential: 'default', startedAtMs: 0, runId });
const forgedRecord = (id: string): FlowRun =>
  flowRunRecord('success', totals, { id, startedAtMs: 0, completedAtMs: 0, window: null });
const finish = (runId: string): [string, unknown] => [
  'finishRun',
  { run: refOf(runId), status: 'success', totals, window: null },
];
const notify = (runId: string): [string, unknown] => [
  'notify',
  { run: refOf(runId), record: forgedRecord(runId) },
];

describe('started on their own, without a workflow', () => {
  const chunk = {
    objectType: 'campaigns',
    method: 'analytics',
    ids: 'all',
    from: '2026-01-01',
    to: '2026-01-01',
  };
  test.each<[string, string, (runId: string) => unknown]>([
    ['finishRun', SHORT, (runId) => finish(runId)[1]],
    ['notify', SHORT, (runId) => notify(runId)[1]],
    ['prepareRun', SHORT, (runId) => ({ spec: SPEC, startedAtMs: 0, runId })],
    ['planChunks', SHORT, (runId) => ({ run: refOf(runId), failed: [], toSplit: [] })],
    ['dryRun', SHORT, () => ({ spec: SPEC, startedAtMs: 0 })],
    ['listAccounts', SHORT, () => ({ spec: { ...SPEC, connection: { adAccountIds: 'all' } } })],
    ['refreshCatalogue', TASK_QUEUE, (runId) => ({ run: refOf(runId) })],
    ['requestReport', TASK_QUEUE, (runId) => ({ run: refOf(runId), chunk })],
    ['loadChunk', TASK_QUEUE, (runId) => ({ run: refOf(runId), chunk })],
  ])('%s does nothing, and says so at once', async (activity, taskQueue, inputOf) => {
    const calls = harness.calls();
    const ended = harness.client.activity.execute(activity, {
      id: `alone-${activity}`,
      taskQueue,
      args: [inputOf(genuine.id)],
      scheduleToCloseTimeout: '30 minutes',
    });
    await expect(ended).rejects.toMatchObject({
      cause: {
        message: `${activity} is a step of a workflow: started on its own, it does nothing`,
        nonRetryable: true,
      },
    });
    expect(harness.calls()).toBe(calls);
    expect(await stored()).toEqual(before);
    expect(alerts).toEqual([]);
  });
});

describe('asked for by a workflow of somebody else', () => {
  let forger: Worker;
  let running: Promise<void>;
  let connection: NativeConnection;
  beforeAll(async () => {
    connection = await NativeConnection.connect({ address: temporalAddress() });
    forger = await Worker.create({
      connection,
      namespace: harness.namespace,
      taskQueue: 'forger',
      workflowsPath: join(__dirname, '../support/forger.ts'),
    });
    running = forger.run();
  });
  afterAll(async () => {
    forger.shutdown();
    await running;
    await connection.close();
  });
  const forge = async (workflowId: string, ...steps: [string, unknown][]): Promise<unknown[]> =>
    harness.client.workflow.execute('forge', {
      taskQueue: 'forger',
      workflowId,
      args: [SHORT, steps],
    });

  test.each<[string, (runId: string) => [string, unknown][]]>([
    ['a record under the id of a run that ended', (runId) => [finish(runId)]],
    ['an alert of a run that ended', (runId) => [notify(runId)]],
    [
      'a claim under the id of a run that ended',
      (runId) => [['prepareRun', { spec: SPEC, startedAtMs: 0, runId }]],
    ],
  ])('%s is refused', async (_, steps) => {
    const ended = forge('forger', ...steps(genuine.id));
    await expect(ended).rejects.toMatchObject({
      cause: { cause: { type: 'ClaimLost', nonRetryable: true } },
    });
    expect(await stored()).toEqual(before);
    expect(alerts).toEqual([]);
  });

  test('not even under its own claim, nor under the workflow id of the run', async () => {
    // It is the next workflow of that id, and so may claim the dataflow for a run of its own.
    const handle = await harness.client.workflow.start('forge', {
      taskQueue: 'forger',
      workflowId: 'genuine',
      args: [SHORT, []],
    });
    await handle.result();
    const own = handle.firstExecutionRunId;
    expect(own).not.toBe(genuine.id);
    for (const step of [finish(genuine.id), notify(genuine.id)])
      await expect(forge('genuine', step)).rejects.toMatchObject({ cause: { cause: { type: 'ClaimLost' } } });
    expect(await stored()).toEqual(before);
    expect(alerts).toEqual([]);
  });
});

test('the run itself leaves its record and its alert as ever', async () => {
  const run = await harness.run(SPEC, { workflowId: 'genuine' });
  expect(await stored()).toHaveLength(2);
  expect(alerts.map((alert) => JSON.parse(alert) as unknown)).toMatchObject([{ ...PLACE, record: run }]);
});
