// A spec that names several ad accounts: one run for each, and one record of them all.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { DryRun } from '../../src/activities/dry-run.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { pauseSignal, PLAN_DATAFLOW, resumeSignal } from '../../src/workflows/contract.js';
import { Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const A = '549755885175';
const B = '549755885176';
const UNREADABLE = '549755885177';
const SMALL = { campaigns: 4, adGroups: 8, ads: 16 };

let harness: Harness;
let requests: Requests;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({
    simulator: {
      adAccounts: [
        { id: A, ...SMALL },
        { id: B, ...SMALL },
      ],
      middleware: [requests.middleware],
    },
  });
});
afterEach(() => harness.close());

const several = (adAccountIds: unknown, more: object = {}) => ({
  ...specOf({ backfillDays: 20 }),
  connection: { adAccountIds, ...more },
});

const expectTruth = async (accountId: string): Promise<number> => {
  const to = dateOf(Date.now());
  const question = { accountId, objectType: 'campaigns', from: addDays(to, -19), to } as const;
  const lines = await storedLines(harness.storePath, 'acme_ads', question);
  expect(lines).toEqual(trueLines(harness.simulator.generator, question));
  return lines.length;
};

test('one that the token cannot read does not stop the others; the record names it and sums them up', async () => {
  const handle = await harness.begin(several([UNREADABLE, A, B, A]), { workflowId: 'acme-several' });
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors).toMatchObject([{ code: 'AccessDenied' }]);
  expect(run.statusSummary.errors[0]!.message).toContain(`ad account ${UNREADABLE}: `);
  const rows = (await expectTruth(A)) + (await expectTruth(B));
  expect(run.recordSummary.outputRecordCount).toBe(rows);
  expect(run.apiCalls.total).toBe(harness.calls());
  expect(run.window).toEqual({ from: addDays(dateOf(Date.now()), -19), to: dateOf(Date.now()) });

  const progress = await progressOf(handle);
  expect(progress).toMatchObject({ phase: 'done', rows: { campaigns: rows } });
  expect(progress.apiCalls.total).toBe(harness.calls());
  expect(progress.accounts).toMatchObject([
    { adAccountId: UNREADABLE, status: 'failed', chunks: { done: 0 }, rows: {}, apiCalls: 1 },
    { adAccountId: A, status: 'success', workflowId: `acme-several/${A}`, chunks: { done: 1, planned: 0 } },
    { adAccountId: B, status: 'success', chunks: { done: 1, running: 0, planned: 0 } },
  ]);
  const runs = await query(
    harness.storePath,
    'SELECT workflow_id, status FROM acme_ads.flow_runs ORDER BY workflow_id',
  );
  expect(runs).toEqual([
    { workflow_id: `acme-several/${A}`, status: 'success' },
    { workflow_id: `acme-several/${B}`, status: 'success' },
    { workflow_id: `acme-several/${UNREADABLE}`, status: 'failed' },
  ]);
});

test('"all" runs every ad account of the list, page by page', async () => {
  requests.intercept = (request, _response, next) => {
    request.originalUrl = request.originalUrl.replace(/(ad_accounts\?.*page_size=)250/, '$11');
    next();
  };
  const run = await harness.run(several('all'));
  await requests.reach(2, /\/ad_accounts$/);
  expect(run.status).toBe('success');
  expect(run.apiCalls.total).toBe(harness.calls());
  await expectTruth(A);
  await expectTruth(B);
});

test('all that fail make it fail, with the record', async () => {
  const handle = await harness.begin(several([UNREADABLE, '42']));
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      type: 'AccessDenied',
      details: [{ status: 'failed', apiCalls: { total: 2 }, statusSummary: { errors: [{}, {}] } }],
    },
  });
});

test('pause, resume and cancel reach every ad account; each leaves its record', async () => {
  harness.simulator.settings.reportPollsUntilReady = 1_000;
  const spec = { ...several([A, B]), source: specOf().source };
  const handle = await harness.begin(spec, { workflowId: 'acme-several-cancelled' });
  await requests.reach(4, /reports/);
  await handle.signal(pauseSignal);
  const child = harness.client.workflow.getHandle(`acme-several-cancelled/${A}`);
  await progressUntil(child, ({ paused }) => paused);
  expect(await progressOf(handle)).toMatchObject({
    paused: true,
    accounts: [{ status: 'running', chunks: { planned: 1 } }, { status: 'running' }],
  });
  await handle.signal(resumeSignal);
  await progressUntil(child, ({ paused }) => !paused);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const runs = await query(
    harness.storePath,
    'SELECT ad_account_id, status FROM acme_ads.flow_runs ORDER BY 1',
  );
  expect(runs).toEqual([A, B].map((id) => ({ ad_account_id: id, status: 'cancelled' })));
  expect((await progressOf(handle)).accounts).toMatchObject([
    { status: 'cancelled' },
    { status: 'cancelled' },
  ]);
  harness.simulator.settings.reportPollsUntilReady = 1;
  expect((await harness.run(spec)).status).toBe('success');
});

test('a dry run of several is the sum of theirs', async () => {
  const handle = await harness.begin(several([A, B, UNREADABLE]), { type: PLAN_DATAFLOW });
  const plan = (await handle.result()) as DryRun;
  expect(plan.chunks.map(({ adAccountId }) => adAccountId)).toEqual([A, B]);
  expect(plan.errors).toMatchObject([{ code: 'AccessDenied' }]);
  const one = (await (await harness.begin(several([A]), { type: PLAN_DATAFLOW })).result()) as DryRun;
  expect(plan.rows).toBe(2 * one.rows);
});

test.each([
  [{ adAccountId: A, adAccountIds: 'all' }, 'connection.adAccountIds: stands beside adAccountId'],
  [{}, 'connection.adAccountId: is missing; name one ad account'],
  [{ adAccountIds: [] }, 'connection.adAccountIds'],
  [{ adAccountIds: 'every' }, 'must be "all" or a list of ad account ids'],
  [{ adAccountIds: 'all', credential: 'nobody' }, 'connection.credential'],
])('a spec of %j is refused before any call', async (connection, words) => {
  const handle = await harness.begin({ ...specOf(), connection });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { type: 'InvalidSpec', message: expect.stringContaining(words) },
  });
  expect(harness.calls()).toBe(0);
});
