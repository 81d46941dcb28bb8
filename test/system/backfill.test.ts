// The main job against a real Temporal server, real HTTP and a real DuckDB file.
import type { DryRun } from '../../src/activities/dry-run.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { PLAN_DATAFLOW } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));

let harness: Harness;
afterEach(() => harness.close());

const expectTruth = async (from: string, to: string): Promise<void> => {
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from, to };
    const stored = await storedLines(harness.storePath, 'acme_ads', question);
    expect(stored.length).toBeGreaterThan(100);
    expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  }
};

test('the first run brings 186 dates of all three object types for 14 API calls, archived objects included', async () => {
  harness = await Harness.start();
  const run = await harness.run(specOf({ objects: EVERYTHING }));
  const today = dateOf(Date.now());
  expect(run.status).toBe('success');
  expect(run.window).toEqual({ from: addDays(today, -185), to: today });
  await expectTruth(addDays(today, -185), today);

  expect(harness.calls()).toBe(14);
  expect(run.apiCalls).toEqual({ analytics: 0, reports: 9, catalogue: 4, other: 1, retried: 0, total: 14 });
  const archived = await query(
    harness.storePath,
    `SELECT count(*) AS rows FROM acme_ads.ad_analytics JOIN acme_ads.ads ON ads.id = ad_id WHERE status = 'ARCHIVED'`,
  );
  expect(Number(archived[0]!['rows'])).toBeGreaterThan(0);
  const downloads = harness.simulator.log.filter(({ route }) => route === 'download');
  expect(downloads.map(({ authorization }) => authorization)).toEqual([false, false, false]);
});

test('as long as nothing is known of reports that take their time, each is looked at twice; then once, by other dataflows too', async () => {
  harness = await Harness.start({
    // Not ready at its first look, however late that is.
    simulator: { reportPollsUntilReady: 2, reportReadyAfterMs: 5_000 },
    // First looks after 2 s.
    reportPollMs: 500,
  });
  await harness.run(specOf({ objects: EVERYTHING }));
  expect(harness.calls()).toBe(14);
  harness.simulator.settings.reportPollsUntilReady = 1;

  const other = { ...specOf({ objects: EVERYTHING }), name: 'other-ads' };
  const plan = (await (await harness.begin(other, { type: PLAN_DATAFLOW })).result()) as DryRun;
  expect(plan.apiCalls).toEqual({ analytics: 0, reports: 6, catalogue: 4, other: 1, total: 11 });
  const run = await harness.run(other);
  expect(run.apiCalls).toMatchObject({ analytics: 0, reports: 6, total: 6 });
  expect(harness.calls()).toBe(14 + plan.apiCalls.total);
});

test('a run repeated the same day asks for nothing final, and changes no row that Pinterest did not change', async () => {
  harness = await Harness.start();
  await harness.run(specOf({ objects: EVERYTHING }));
  const before = harness.simulator.log.length;
  const run = await harness.run(specOf({ objects: EVERYTHING }));

  const today = dateOf(Date.now());
  const calls = harness.simulator.log.slice(before);
  expect(calls).toHaveLength(4);
  expect(calls.map(({ query }) => query['start_date']?.[0])).toEqual(Array(4).fill(addDays(today, -31)));
  expect(run.restated).toEqual({ cells: 380 * 32, rowsChanged: 0, oldestDateChanged: null });
  await expectTruth(addDays(today, -185), today);
});

test('numbers that Pinterest restates arrive with the next run, and the record says how many rows changed', async () => {
  let lag = 5 * 86_400_000;
  harness = await Harness.start({ simulator: { now: () => Date.now() - lag } });
  const window = { from: dateOf(Date.now() - 20 * 86_400_000), to: dateOf(Date.now() - 5 * 86_400_000) };
  await harness.run(specOf({ objects: EVERYTHING }, { window }));
  lag = 0;
  const run = await harness.run(specOf({ objects: EVERYTHING }, { window }));
  expect(run.restated.rowsChanged).toBeGreaterThan(0);
  await expectTruth(window.from, window.to);
});
