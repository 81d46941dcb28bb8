// One run at a time per dataflow and ad account.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { pauseSignal, resumeSignal } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';

let harness: Harness;
let requests: Requests;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

test('a second start while one is on ends at once as skipped, and names the run that is on', async () => {
  const report = requests.holdBack(/^POST .*reports$/);
  const first = await harness.begin(specOf(), { workflowId: 'acme-ads-1' });
  await report.reached;
  const second = await harness.run(specOf());
  expect(second.status).toBe('skipped');
  expect(second.statusSummary.errors[0]!.message).toContain('acme-ads-1');
  expect(second.apiCalls.total).toBe(0);
  report.release();
  expect(((await first.result()) as FlowRun).status).toBe('success');
});

test('a run whose workflow was terminated leaves its dataflow to the next one', async () => {
  harness.simulator.settings.reportPollsUntilReady = 1_000;
  const first = await harness.begin(specOf());
  await requests.reach(2, /reports/);
  await first.terminate('gone');
  harness.simulator.settings.reportPollsUntilReady = 1;
  expect((await harness.run(specOf())).status).toBe('success');
});

test('dataflows of other names, and other ad accounts of one name, run side by side', async () => {
  const other = { name: 'other-ads' };
  const [a, b] = await Promise.all([harness.run(specOf()), harness.run({ ...specOf(), ...other })]);
  expect([a.status, b.status]).toEqual(['success', 'success']);
  const [rows] = await query(
    harness.storePath,
    `SELECT (SELECT count(*) FROM acme_ads.campaign_analytics) AS a, (SELECT count(*) FROM other_ads.campaign_analytics) AS b`,
  );
  expect(rows!['a']).toEqual(rows!['b']);
});

test('an on-demand window waits for the run that is on, then reads exactly its dates again', async () => {
  const report = requests.holdBack(/^POST .*reports$/);
  const first = await harness.begin(specOf());
  await report.reached;
  const window = { from: addDays(dateOf(Date.now()), -60), to: addDays(dateOf(Date.now()), -50) };
  const onDemand = await harness.begin(specOf({}, { window }));
  await progressUntil(onDemand, ({ phase }) => phase === 'waiting for another run');
  report.release();
  await first.result();
  const before = harness.simulator.log.length;
  const run = (await onDemand.result()) as FlowRun;
  expect(run).toMatchObject({ status: 'success', window, restated: { cells: 20 * 11, rowsChanged: 0 } });
  const asked = harness.simulator.log.slice(before).filter(({ route }) => route === 'analytics');
  expect(asked.map(({ query }) => [query['start_date']![0], query['end_date']![0]])).toEqual([
    [window.from, window.to],
  ]);
});

test('pause stops at a chunk boundary and resume goes on, for no extra call', async () => {
  const handle = await harness.begin(specOf());
  await handle.signal(pauseSignal);
  await handle.signal(resumeSignal);
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(await progressOf(handle)).toMatchObject({ phase: 'done', chunks: { done: 1 } });
  expect(harness.calls()).toBe(run.apiCalls.total);
});

test('cancel leaves a flow-run record that says so, and gives the dataflow back', async () => {
  harness.simulator.settings.reportPollsUntilReady = 1_000;
  const handle = await harness.begin(specOf());
  await requests.reach(2, /reports/);
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const runs = await query(harness.storePath, 'SELECT status FROM acme_ads.flow_runs');
  expect(runs).toEqual([{ status: 'cancelled' }]);
  harness.simulator.settings.reportPollsUntilReady = 1;
  expect((await harness.run(specOf())).status).toBe('success');
});

test('ids that the account does not have do not stop the others; the record names them', async () => {
  const { campaigns } = harness.simulator.generator.objects(ACCOUNT);
  const ids = [campaigns[0]!.id, '999999999999'];
  const run = await harness.run(specOf({ objects: [{ type: 'campaigns', ids }], backfillDays: 10 }));
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors).toMatchObject([{ code: 'UnknownObjects' }]);
  expect(run.statusSummary.errors[0]!.message).toContain('999999999999');
  const found = await query(
    harness.storePath,
    'SELECT DISTINCT campaign_id AS id FROM acme_ads.campaign_analytics',
  );
  expect(found).toEqual([{ id: ids[0] }]);
});

test('an ad that turns up in a report before the catalogue knows it is looked up at once', async () => {
  await harness.run(specOf());
  const account = harness.simulator.settings.adAccounts[0]!;
  account.campaigns += 1;
  const window = { from: addDays(dateOf(Date.now()), -120), to: dateOf(Date.now()) };
  await harness.run(specOf({}, { window }));
  const known = await query(harness.storePath, 'SELECT count(*)::INTEGER AS known FROM acme_ads.campaigns');
  expect(known).toEqual([{ known: 21 }]);
});
