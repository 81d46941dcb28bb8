// The workflow `dataflow` as anybody meets it who may start it, signal it, or ask it.
import { randomUUID } from 'node:crypto';
import { defineSignal } from '@temporalio/workflow';
import type { WorkflowHandle, WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import { noTotals, type FlowRun } from '../../src/dataflow/flow-run.js';
import { DATAFLOW, quotaWorkflowId, TASK_QUEUE } from '../../src/workflows/contract.js';
import { newAccountsState } from '../../src/workflows/accounts-state.js';
import { newState } from '../../src/workflows/run-state.js';
import { ACCOUNT, Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';

const OTHER = '549755885176';
const SMALL = { campaigns: 4, adGroups: 0, ads: 0 };

let harness: Harness;
let requests: Requests;
beforeEach(async () => {
  requests = new Requests();
  const adAccounts = [ACCOUNT, OTHER].map((id) => ({ id, ...SMALL }));
  harness = await Harness.start({ simulator: { adAccounts, middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

/** Keeps calls that match from being answered until it is called. */
const hold = (pattern: RegExp): (() => void) => {
  const held: (() => void)[] = [];
  requests.intercept = (request, _response, next) =>
    pattern.test(request.path) ? void held.push(next) : next();
  return () => {
    requests.intercept = (_request, _response, next) => next();
    for (const next of held) next();
  };
};

const start = (spec: unknown, ...more: unknown[]): Promise<WorkflowHandleWithFirstExecutionRunId> =>
  harness.client.workflow.start(DATAFLOW, {
    taskQueue: TASK_QUEUE,
    workflowId: `run-${randomUUID()}`,
    args: [spec, ...more],
    workflowExecutionTimeout: '30 minutes',
  });

const until = async <T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> => {
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((later) => setTimeout(later, 100));
  }
};

const records = () =>
  query(harness.storePath, 'SELECT id, workflow_id, status, record FROM acme_ads.flow_runs ORDER BY started');

describe('a signal that does not fit', () => {
  const NEWS = { adAccountId: ACCOUNT, chunks: { done: 1, running: 0, planned: 0 }, rows: {}, apiCalls: 1 };
  const MISFITS: unknown[][] = [
    [],
    [null],
    ['news'],
    [[NEWS]],
    [{ ...NEWS, adAccountId: 5 }],
    [{ ...NEWS, chunks: null }],
    [{ ...NEWS, chunks: { done: '1', running: 0, planned: 0 } }],
    [{ ...NEWS, rows: 5 }],
    [{ ...NEWS, rows: { campaigns: 'many' } }],
    [{ ...NEWS, rows: { campaigns: -1 } }],
    [{ ...NEWS, apiCalls: 1e300 }],
    [{ ...NEWS, apiCalls: null }],
    [{ ...NEWS, adAccountId: '1' }],
  ];

  test.each([
    ['one ad account', specOf({ backfillDays: 3 })],
    ['several', { ...specOf({ backfillDays: 3 }), connection: { adAccountIds: [ACCOUNT, OTHER] } }],
  ])('is ignored and counted by a run of %s, which ends as ever', async (_, spec) => {
    const release = hold(/analytics$/);
    const handle = await start(spec);
    await requests.reach(1, /analytics$/);
    for (const input of MISFITS) await handle.signal(defineSignal<unknown[]>('account'), ...input);
    await handle.signal(defineSignal<unknown[]>('nonsense'), { a: 1 });
    await handle.signal(defineSignal<unknown[]>('pause'), { no: 'argument' }, 5);
    expect(await progressOf(handle)).toMatchObject({ paused: true, ignoredSignals: MISFITS.length });
    await handle.signal(defineSignal<unknown[]>('resume'), [null]);
    release();
    expect(await handle.result()).toMatchObject({ status: 'success' });
    expect((await progressOf(handle)).ignoredSignals).toBe(MISFITS.length);
  });

  test('news of an ad account change nothing but its numbers', async () => {
    const release = hold(/analytics$/);
    const handle = await start({
      ...specOf({ backfillDays: 3 }),
      connection: { adAccountIds: [ACCOUNT, OTHER] },
    });
    await requests.reach(2, /analytics$/);
    const forged = { ...NEWS, apiCalls: 7, status: 'success', workflowId: 'quota/default', more: 'x' };
    await handle.signal(defineSignal<unknown[]>('account'), forged);
    const [account] = (await progressOf(handle)).accounts!;
    expect(account).toMatchObject({
      apiCalls: 7,
      status: 'running',
      workflowId: `${handle.workflowId}/${ACCOUNT}`,
    });
    expect(account).not.toHaveProperty('more');
    release();
    const run = (await handle.result()) as FlowRun;
    expect(run.apiCalls.total).toBe(harness.calls());
  });
});

describe('what a run is started with beside its spec is not believed', () => {
  const forgedTotals = { ...noTotals(), outputRows: 999_999, chunks: 1 };

  test('no record of another dataflow comes of it, and none is replaced', async () => {
    const genuine = await harness.run(specOf({ backfillDays: 3 }), { workflowId: 'genuine' });
    const before = await records();
    const forged = {
      ...newState(0),
      prepared: {
        run: {
          place: { dataflow: 'acme-ads', adAccountId: ACCOUNT },
          credential: 'default',
          startedAtMs: 0,
          runId: genuine.id,
        },
        window: { from: '2020-01-01', to: '2020-01-02' },
        errorThresholdPercent: 5,
        onDemand: false,
        reportPollMs: 1,
        quota: [],
      },
      stopped: { code: 'Stopped', message: 'before it asks for anything' },
      catalogueRead: true,
      totals: forgedTotals,
    };
    const handle = await start({ ...specOf({ backfillDays: 3 }), name: 'mine' }, forged);
    const run = (await handle.result()) as FlowRun;
    expect(run).toMatchObject({ status: 'success', id: handle.firstExecutionRunId });
    expect(run.recordSummary.outputRecordCount).toBeLessThan(100);
    expect(await records()).toEqual(before);
  });

  test('nor a sum of ad accounts that never ran', async () => {
    const accounts = [
      {
        adAccountId: ACCOUNT,
        workflowId: 'x',
        status: 'success',
        chunks: { done: 1, running: 0, planned: 0 },
        rows: {},
        apiCalls: 0,
      },
    ];
    const forged = { ...newAccountsState(0), dataflow: 'acme-ads', accounts, totals: forgedTotals };
    const spec = { ...specOf({ backfillDays: 3 }), connection: { adAccountIds: [ACCOUNT] } };
    const run = (await (await start(spec, forged)).result()) as FlowRun;
    expect(run.recordSummary.outputRecordCount).toBeLessThan(100);
    expect(run.apiCalls.total).toBe(harness.calls());
  });

  test('also not by the second execution of a schedule by cron, which continues the first', async () => {
    const handle = await harness.client.workflow.start(DATAFLOW, {
      taskQueue: TASK_QUEUE,
      workflowId: `run-${randomUUID()}`,
      args: [specOf({ backfillDays: 3 }), { ...newState(0), totals: forgedTotals }],
      cronSchedule: '@every 1s',
      workflowExecutionTimeout: '30 minutes',
    });
    // Each execution writes the chain's one record anew.
    const written = async () =>
      (
        await query(harness.storePath, 'SELECT completed::TEXT AS at, record FROM acme_ads.flow_runs').catch(
          () => [],
        )
      )[0];
    const first = await until(written, (record) => record !== undefined);
    const second = await until(written, (record) => record !== undefined && record['at'] !== first!['at']);
    await handle.terminate();
    for (const { record } of [first!, second!])
      expect((JSON.parse(record as string) as FlowRun).recordSummary.outputRecordCount).toBeLessThan(100);
  });
});

test('a run that is reset to its start is the same run, and leaves its record again', async () => {
  const first = await harness.run(specOf({ backfillDays: 3 }), { workflowId: 'reset' });
  const handle = harness.client.workflow.getHandle('reset');
  const { runId } = await handle.describe();
  await harness.client.workflowService.resetWorkflowExecution({
    namespace: harness.namespace,
    workflowExecution: { workflowId: 'reset', runId },
    // Typed as a Long, taken as a number.
    workflowTaskFinishEventId: 4 as never,
    requestId: randomUUID(),
    reason: 'to see what becomes of it',
  });
  expect(await handle.result()).toMatchObject({ status: 'success', id: first.id });
  expect(await records()).toHaveLength(1);
});

describe('progress ends as the run ended', () => {
  test.each<[string, () => Promise<WorkflowHandle>, string, string]>([
    ['refused at its start', () => start({ name: 'Acme' }), 'failed', 'InvalidSpec'],
    [
      'of several refused at its start',
      () => start({ name: 'Acme', connection: { adAccountIds: 'all' } }),
      'failed',
      'InvalidSpec',
    ],
    [
      'that failed later',
      () => {
        harness.simulator.settings.token = 'another';
        return start(specOf());
      },
      'failed',
      'CredentialExpired',
    ],
    [
      'of several that failed',
      () => start({ ...specOf(), connection: { adAccountIds: ['1', '2'] } }),
      'failed',
      'AccessDenied',
    ],
  ])('of a run %s, with the errors', async (_, begin, phase, code) => {
    const handle = await begin();
    await expect(handle.result()).rejects.toThrow('Workflow execution failed');
    const progress = await progressOf(handle);
    expect(progress).toMatchObject({ phase, waiting: null });
    expect(progress.errors.map((error) => error.code)).toContain(code);
  });

  test('of a run that was cancelled, and of one that was skipped', async () => {
    const release = hold(/analytics$/);
    const first = await start(specOf({ backfillDays: 3 }));
    await requests.reach(1, /analytics$/);
    const second = await start(specOf({ backfillDays: 3 }));
    await second.result();
    expect(await progressOf(second)).toMatchObject({ phase: 'skipped', errors: [{ code: 'Skipped' }] });
    await first.cancel();
    release();
    await expect(first.result()).rejects.toThrow('Workflow execution cancelled');
    expect(await progressOf(first)).toMatchObject({ phase: 'cancelled', errors: [{ code: 'Cancelled' }] });
  });
});

test('a run that waits for another one says for which, and until when it looks again', async () => {
  const release = hold(/analytics$/);
  const first = await start(specOf({ backfillDays: 3 }));
  await requests.reach(1, /analytics$/);
  const today = new Date().toISOString().slice(0, 10);
  const second = await start(specOf({}, { window: { from: today, to: today } }));
  const { waiting } = await progressUntil(second, (progress) => progress.waiting !== null);
  expect(waiting!.why).toContain(first.workflowId);
  await second.cancel();
  release();
  await first.result();
});

test('a foreign workflow under the id of an ad account is named, with what to do; the others are read', async () => {
  const workflowId = `run-${randomUUID()}`;
  const release = hold(/analytics$/);
  const foreign = await harness.begin(
    { ...specOf({ backfillDays: 3 }), name: 'foreign' },
    { workflowId: `${workflowId}/${ACCOUNT}` },
  );
  await requests.reach(1, /analytics$/);
  const spec = { ...specOf({ backfillDays: 3 }), connection: { adAccountIds: [ACCOUNT, OTHER] } };
  const handle = await harness.begin(spec, { workflowId });
  release();
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors).toMatchObject([{ code: 'Skipped' }]);
  expect(run.statusSummary.errors[0]!.message).toMatch(
    /the workflow .*\/549755885175 is already running.*temporal workflow describe --workflow-id/,
  );
  await foreign.result();
});

test('a dataflow under the id of the quota: every other run says whose it is and what to do, and goes on once it is gone', async () => {
  const quota = quotaWorkflowId(harness.environment['PINTEREST_APP']!);
  const squatter = await harness.begin(specOf({}, { name: 'squatter' }), { workflowId: quota });
  const handle = await start(specOf({ backfillDays: 3 }));
  const { waiting } = await progressUntil(handle, (progress) => progress.waiting !== null);
  expect(waiting!.why).toMatch(
    /the workflow quota\/.* is a dataflow, not a quota.*temporal workflow terminate --workflow-id quota\//,
  );
  await squatter.terminate();
  expect(await handle.result()).toMatchObject({ status: 'success' });
});
