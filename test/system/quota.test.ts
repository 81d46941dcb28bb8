// The budget, seen from the server that counts: no window with more calls than it allows, whoever waits or crashes.
import type { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import type { BudgetView } from '../../src/quota/budget/budget-view.js';
import { budgetQuery, quotaWorkflowId } from '../../src/workflows/contract.js';
import { Harness, progressUntil, specOf } from '../support/harness.js';
import { attemptsAt, detailsOf, timerSummaries } from '../support/history.js';
import { Requests } from '../support/requests.js';

let harness: Harness;
afterEach(() => harness.close());

/** The strict rule: between a call and the one `calls` later lies at least a window. */
const expectWithin = (calls: number, windowMs: number): void => {
  const times = harness.simulator.log.filter(({ route }) => route !== 'download').map(({ at }) => at);
  expect(times.length).toBeGreaterThan(calls);
  for (let i = 0; i + calls < times.length; i++)
    expect(times[i + calls]! - times[i]!).toBeGreaterThanOrEqual(windowMs);
};

/** What asks Pinterest in a run. */
const STEPS = ['refreshCatalogue', 'requestReport', 'loadChunk'];

const everything = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));

test('a run that meets the end of its quota waits on timers, says so, and comes through: nothing of it fails', async () => {
  harness = await Harness.start({ environment: { PINTEREST_QUOTA: '6/15s' } });
  const handle = await harness.begin(specOf({ objects: everything }));
  await progressUntil(handle, ({ waiting }) => waiting?.why.includes('6/15s') ?? false);
  const details = await detailsOf(handle);
  expect(details.split('\n')[0]).toMatch(
    /^\*\*Pinterest Ads → store: acme-ads\*\* of ad account \d+: waiting: No API call may leave: .*6\/15s.*, until \d{4}-/,
  );
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(run.waitedForQuotaMs).toBeGreaterThan(0);
  expect(run.apiCalls.total).toBe(harness.calls());
  expectWithin(6, 15_000);

  const { events } = await handle.fetchHistory();
  expect(events!.filter((event) => event.activityTaskFailedEventAttributes)).toEqual([]);
  // Each report was looked at twice, and none of the looks was another attempt.
  const attempts = await Promise.all(STEPS.map((step) => attemptsAt(handle, step)));
  expect(attempts.flat().every((attempt) => attempt === 1)).toBe(true);
  const reasons = await timerSummaries(handle);
  expect(reasons).toContainEqual(
    expect.stringMatching(/^No API call may leave: the quota 6\/15s is used up.*, until \d{4}-.*Z$/),
  );
  expect(reasons.filter((reason) => reason.startsWith('Pinterest makes the report: '))).toHaveLength(3);
  expect(reasons).toContainEqual(expect.stringMatching(/^Pinterest is still making the report of /));
});

test('the budget says what is left, who spent it, and when the next calls are free', async () => {
  harness = await Harness.start({ environment: { PINTEREST_QUOTA: '1000/1d,100/1m' } });
  await harness.run(specOf({ backfillDays: 10 }));
  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  const budget = await quota.query(budgetQuery);
  expect(budget.callsLeft).toBe(100 - harness.calls());
  expect(budget.dataflows).toMatchObject([{ dataflow: 'acme-ads' }]);
  expect(budget.limits.map(({ limit, spent, leased }) => [limit, spent, leased])).toEqual([
    ['100/1m', harness.calls(), 0],
    ['1000/1d', harness.calls(), 0],
  ]);
  const details = await detailsOf(quota);
  expect(details).toContain(`: ${budget.callsLeft} may leave now\n`);
  // The Web UI puts nothing between cells: without spaces of their own, numbers would run together.
  const row = (line: string): string => line.replaceAll(' |', '\u00a0\u00a0 |');
  const lines = [String.raw`100/1m | \d+ | \d+ | 0 | \d+ at \d{4}-.*Z |`]
    .concat(String.raw`acme-ads | \d+ of 100/1m, \d+ of 1000/1d | 0 |`)
    .map((line) => `^\\| ${row(line).replaceAll('|', '\\|')}$`);
  for (const line of lines) expect(details).toMatch(new RegExp(line, 'm'));
});

test('what Pinterest says to one call, all calls of the app hear', async () => {
  const requests = new Requests();
  harness = await Harness.start({
    simulator: {
      middleware: [requests.middleware],
      faults: [{ effect: 'rate-limit', times: 1, skip: 2, retryAfterSeconds: 4 }],
    },
  });
  const handle = await harness.begin(specOf());
  await requests.reach(3, /./);
  const other = harness.run({ ...specOf(), name: 'other-ads' });
  await Promise.all([handle.result(), other]);
  const refused = harness.simulator.log.findIndex(({ status }) => status === 429);
  const { at } = harness.simulator.log[refused]!;
  expect(harness.simulator.log.slice(refused + 2).every((call) => call.at >= at + 3_000)).toBe(true);
});

test('tries that never left count neither in the budget nor in the record', async () => {
  harness = await Harness.start({
    // Nothing listens there.
    environment: { PINTEREST_QUOTA: '100/1d', PINTEREST_API_URL: 'http://127.0.0.1:9/v5' },
  });
  const failure = (await harness.run(specOf()).catch((error: unknown) => error)) as WorkflowFailedError;
  const { message, details } = failure.cause as ApplicationFailure;
  expect(message).toContain("Cannot reach Pinterest's API at 127.0.0.1:9");
  const { apiCalls } = details![0] as FlowRun;
  expect(apiCalls).toMatchObject({ total: 0, retried: 0, other: 0, catalogue: 0 });
  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  let budget: BudgetView;
  // What became of a permit is told half a second later.
  do budget = await quota.query(budgetQuery);
  while (budget.limits[0]!.leased > 0);
  expect(budget).toMatchObject({ callsLeft: 100, dataflows: [] });
});

test('while it waits, progress says until when and why', async () => {
  harness = await Harness.start({ environment: { PINTEREST_QUOTA: '3/1h' } });
  const handle = await harness.begin(specOf());
  const { waiting } = await progressUntil(handle, (progress) => progress.waiting !== null);
  expect(waiting).toMatchObject({ why: expect.stringContaining('3/1h') as string });
  expect(waiting!.why).toMatch(/3\/1h is known since \d{4}-/);
  // It asks again before ten minutes are over: the quota may have been raised.
  const { events } = await handle.fetchHistory();
  const timers = events!.flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
  expect(timers.length).toBeGreaterThan(0);
  for (const timer of timers) expect(Number(timer.startToFireTimeout!.seconds)).toBeLessThan(600);
  await handle.terminate();
});

test('nobody sleeps longer than an hour for what Pinterest says', async () => {
  harness = await Harness.start({
    simulator: { faults: [{ effect: 'rate-limit', times: 1, skip: 2, retryAfterSeconds: 20_000 }] },
  });
  const handle = await harness.begin(specOf());
  const { waiting } = await progressUntil(handle, (progress) => progress.waiting !== null);
  expect(Date.parse(waiting!.until) - Date.now()).toBeGreaterThan(19_000_000);
  const { events } = await handle.fetchHistory();
  const timers = events!.flatMap(({ timerStartedEventAttributes: timer }) => timer ?? []);
  expect(timers.length).toBeGreaterThan(0);
  for (const timer of timers) expect(Number(timer.startToFireTimeout!.seconds)).toBeLessThanOrEqual(3_600);
  await handle.terminate();
});
