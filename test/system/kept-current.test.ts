// A dataflow's life: made, scheduled, watched, run on demand, paused, changed, deleted; each step twice comes to the same.
import { execFile } from 'node:child_process';
import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ScheduleNotFoundError } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { DataflowClient, InvalidSpec, type Cadence } from '../../src/client.js';
import { temporalBinary } from '../../src/start/temporal-binary.js';
import { ACCOUNT, Harness, progressUntil, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { Requests } from '../support/requests.js';

const today = dateOf(Date.now());
const spec = specOf({ backfillDays: 40 });

let requests: Requests;
let harness: Harness;
let client: DataflowClient;
let namespaceBefore: string | undefined;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
  namespaceBefore = process.env['TEMPORAL_NAMESPACE'];
  process.env['TEMPORAL_NAMESPACE'] = harness.namespace;
  client = await DataflowClient.connect(harness.environment['TEMPORAL_ADDRESS']);
});
afterEach(async () => {
  if (namespaceBefore === undefined) delete process.env['TEMPORAL_NAMESPACE'];
  else process.env['TEMPORAL_NAMESPACE'] = namespaceBefore;
  await client.close();
  await harness.close();
});

const describeSchedule = () => harness.client.schedule.getHandle('acme-ads').describe();

test('made once, made again: one schedule under the name of the dataflow, with what the second time says', async () => {
  expect(await client.create(spec)).toEqual({ name: 'acme-ads', created: true });
  const made = await describeSchedule();
  expect(made).toMatchObject({
    action: { workflowType: 'dataflow', workflowId: 'acme-ads', taskQueue: 'pinterest-ads', args: [spec] },
    policies: { overlap: 'SKIP', catchupWindow: 86_400_000 },
    spec: { intervals: [{ every: 86_400_000 }], jitter: 600_000 },
    state: { paused: false, note: expect.stringContaining(`campaigns of ad account ${ACCOUNT}`) as string },
  });
  expect(await client.create(spec)).toEqual({ name: 'acme-ads', created: false });

  await client.pause('acme-ads', 'the books are closed');
  const changed = specOf({ backfillDays: 30 });
  expect(await client.create(changed, { schedule: { every: '6h', at: '01:30' } })).toMatchObject({
    created: false,
  });
  const again = await describeSchedule();
  expect(again).toMatchObject({
    action: { args: [changed] },
    spec: { intervals: [{ every: 6 * 3_600_000, offset: 5_400_000 }] },
    state: { paused: true, note: 'the books are closed' },
  });
  expect(again.spec.calendars ?? []).toEqual([]);
  await client.pause('acme-ads');
  expect((await describeSchedule()).state).toMatchObject({ paused: true, note: 'the books are closed' });
  for (let twice = 0; twice < 2; twice++) {
    await client.resume('acme-ads');
    expect((await describeSchedule()).state).toMatchObject({ paused: false, note: made.state.note });
  }
  await client.create(spec);
  expect((await describeSchedule()).spec.intervals).toMatchObject([{ every: 6 * 3_600_000 }]);
});

test('status says all that is known, before and after a run', async () => {
  await client.create(spec, { schedule: { every: '1d', at: '06:30', timezone: 'Europe/Berlin' } });
  expect(await client.status('acme-ads')).toEqual({
    name: 'acme-ads',
    spec,
    schedule: {
      cadence: 'every day at 06:30 (Europe/Berlin)',
      paused: false,
      note: expect.any(String) as string,
      nextRunAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    },
    running: null,
    lastRun: null,
    coverage: [],
  });
  const load = requests.holdBack(/analytics|reports/);
  const run = await client.trigger('acme-ads');
  await load.reached;
  expect(await client.status('acme-ads')).toMatchObject({ running: 'acme-ads' });
  expect((await client.trigger('acme-ads')).workflowId).toBe(run.workflowId);
  load.release();
  const record = await run.result();

  expect(await client.status('acme-ads')).toMatchObject({
    running: null,
    lastRun: record,
    coverage: [
      {
        adAccountId: ACCOUNT,
        objectType: 'campaigns',
        from: addDays(today, -39),
        to: today,
        finalTo: addDays(today, -32),
        staleCells: 0,
      },
    ],
  });
  expect(await client.list()).toMatchObject([
    { name: 'acme-ads', schedule: { paused: false }, lastRun: { status: 'success' } },
  ]);
  expect(await client.forget('acme-ads', { from: addDays(today, -39), to: addDays(today, -39) })).toEqual({
    cells: 20,
  });
  expect((await client.status('acme-ads')).coverage).toMatchObject([
    { from: addDays(today, -38), staleCells: 20 },
  ]);
});

test('a dataflow without a schedule has a status too; one that nobody knows is told by the nearest name', async () => {
  await harness.run(spec);
  expect(await client.status('acme-ads')).toMatchObject({ schedule: null, spec: { name: 'acme-ads' } });
  await expect(client.status('acme-add')).rejects.toThrow('Did you mean "acme-ads"?');
  await expect(client.pause('acme-add')).rejects.toThrow('There is no dataflow "acme-add"');
});

test('of a plan alone nothing is left to trigger', async () => {
  await client.plan(spec);
  await expect(client.trigger('acme-ads')).rejects.toThrow('neither run nor a schedule');
  expect(await client.forget('acme-ads')).toEqual({ cells: 0 });
  expect(await client.delete('acme-ads', { data: true })).toEqual({ schedule: false, data: true });
});

test('a changed spec: its plan changes no table, and once it is scheduled status measures by it', async () => {
  await harness.run(spec);
  const changed = specOf({ backfillDays: 41, columns: ['SPEND_IN_DOLLAR', 'TOTAL_CLICKTHROUGH'] });
  const columns = () =>
    query(
      harness.storePath,
      "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'acme_ads' ORDER BY ALL",
    );
  const before = await columns();
  const { apiCalls } = await client.plan(changed);
  expect(apiCalls.total).toBeGreaterThan(0);
  expect(await columns()).toEqual(before);

  expect((await client.status('acme-ads')).coverage).toMatchObject([{ staleCells: 0 }]);
  await client.create(changed);
  expect((await client.status('acme-ads')).coverage).toMatchObject([{ staleCells: 20 * 41 }]);
});

test('many questions at once are each answered', async () => {
  await client.create(spec);
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => Promise.all([client.status('acme-ads'), client.explore()])),
  );
  for (const [status, explored] of answers) {
    expect(status).toEqual(answers[0]![0]);
    expect(explored).toEqual(answers[0]![1]);
  }
});

test("another program's schedule of that name is left alone", async () => {
  await harness.client.schedule.create({
    scheduleId: 'acme-ads',
    spec: { intervals: [{ every: '1d' }] },
    action: { type: 'startWorkflow', workflowType: 'books', taskQueue: 'books', args: [1] },
  });
  const words = 'The schedule "acme-ads" of this namespace is no dataflow\'s: it starts "books"';
  await expect(client.create(spec)).rejects.toThrow(words);
  for (const ask of ['pause', 'resume', 'status'] as const)
    await expect(client[ask]('acme-ads')).rejects.toThrow('There is no dataflow "acme-ads"');
  expect(await client.delete('acme-ads', { data: true })).toEqual({ schedule: false, data: false });
  expect(await describeSchedule()).toMatchObject({
    action: { workflowType: 'books' },
    state: { paused: false },
  });
});

test('a tick that finds a run on is skipped, and shows as such; dates on demand wait for their turn', async () => {
  const load = requests.holdBack(/analytics|reports/);
  const first = await harness.begin(spec, { workflowId: 'by-hand' });
  await load.reached;
  await client.create(spec);
  const schedule = harness.client.schedule.getHandle('acme-ads');
  await schedule.trigger();
  const started = async (): Promise<string> => {
    for (;;) {
      const [action] = (await schedule.describe()).info.recentActions;
      if (action) return action.action.workflow.workflowId;
    }
  };
  const tick = await started();
  expect(tick).toMatch(/^acme-ads-\d{4}-\d\d-\d\dT/);
  expect(await harness.client.workflow.getHandle(tick).result()).toMatchObject({
    status: 'skipped',
    statusSummary: { errors: [{ code: 'Skipped', message: expect.stringContaining('by-hand') as string }] },
  });
  const window = { from: addDays(today, -3), to: addDays(today, -2) };
  const dates = await client.trigger('acme-ads', { window });
  expect(dates.workflowId).toBe(`acme-ads-${window.from}-to-${window.to}`);
  const handle = harness.client.workflow.getHandle(dates.workflowId);
  await progressUntil(handle, ({ phase }) => phase === 'waiting for another run');
  load.release();
  expect(await first.result()).toMatchObject({ status: 'success' });
  expect(await dates.result()).toMatchObject({ status: 'success', window });
});

test('a pause holds the schedule and the run that is on; both go on', async () => {
  await client.create(spec);
  const load = requests.holdBack(/analytics|reports/);
  const run = await client.trigger('acme-ads');
  await load.reached;
  for (let twice = 0; twice < 2; twice += 1) await client.pause('acme-ads', 'until Monday');
  expect((await client.status('acme-ads')).schedule).toMatchObject({
    paused: true,
    note: 'until Monday',
    nextRunAt: null,
  });
  expect((await run.progress()).paused).toBe(true);
  for (let twice = 0; twice < 2; twice += 1) await client.resume('acme-ads');
  expect((await client.status('acme-ads')).schedule).toMatchObject({ paused: false });
  load.release();
  expect(await run.result()).toMatchObject({ status: 'success' });
});

test('a deleted dataflow has no schedule; its data stays unless told, and is not deleted under a run', async () => {
  const { run } = await client.create(spec, { runNow: true });
  await run!.result();
  expect(await client.delete('acme-ads')).toEqual({ schedule: true, data: false });
  expect(await client.delete('acme-ads')).toEqual({ schedule: false, data: false });
  await expect(describeSchedule()).rejects.toThrow(ScheduleNotFoundError);
  const rows = 'SELECT count(*) AS n FROM acme_ads.campaign_analytics';
  expect(Number((await query(harness.storePath, rows))[0]!['n'])).toBeGreaterThan(0);

  await client.create(spec);
  const load = requests.holdBack(/analytics|reports/);
  const again = await client.start(specOf({ backfillDays: 60 }));
  await load.reached;
  await expect(client.delete('acme-ads', { data: true })).rejects.toThrow(/being run by acme-ads; cancel/);
  expect(await describeSchedule()).toMatchObject({ action: { args: [spec] } });
  load.release();
  await again.result();
  expect(await client.delete('acme-ads', { data: true })).toEqual({ schedule: true, data: true });
  expect(await client.delete('acme-ads', { data: true })).toEqual({ schedule: false, data: false });
  await expect(query(harness.storePath, rows)).rejects.toThrow('acme_ads');
  expect(await client.list()).toEqual([]);
});

test.each([
  [{ every: 'daily' }, 'schedule.every: "daily" is no interval'],
  [{ at: '25:00' }, 'schedule.at: "25:00" is no time of day'],
  [{ cron: 'now and then' }, 'schedule.cron'],
  [{ cron: '0 6 * * *', every: '1d' }, 'schedule.cron: stands beside'],
  [{ every: '1d', at: '06:00', timezone: 'Berlin' }, 'schedule.timezone: "Berlin" is no time zone'],
  [
    { evry: '6h' },
    'schedule.evry: is no field of a schedule; it has every, at, cron, timezone. Did you mean "every"?',
  ],
  [{ every: 6 }, 'schedule.every: must be a string'],
])('a schedule that cannot be is refused: %j', async (schedule, message) => {
  const error = await client
    .create(spec, { schedule: schedule as Cadence })
    .catch((refused: unknown) => refused);
  expect(error).toBeInstanceOf(InvalidSpec);
  expect((error as Error).message).toContain(message);
});

test('by cron, told as it was given', async () => {
  await client.create(spec, { schedule: { cron: '15 6 * * 1-5', timezone: 'America/New_York' } });
  expect((await client.status('acme-ads')).schedule!.cadence).toBe('cron 15 6 * * 1-5');
});

test("Temporal's own CLI does the same, as the README writes it", async () => {
  const named = { ...spec, name: 'my-dataflow' };
  await writeFile(join(harness.folder, 'my-dataflow.json'), JSON.stringify(named));
  await symlink(await temporalBinary(), join(harness.folder, 'temporal'));
  await harness.run(named);
  const readme = await readFile('README.md', 'utf8');
  const written = /```sh\n(temporal schedule create [^`]+)```/.exec(readme)![1]!;
  const env = {
    ...process.env,
    ...harness.environment,
    PATH: `${harness.folder}:${process.env['PATH'] ?? ''}`,
  };
  const ran = await promisify(execFile)('sh', ['-ec', written], { cwd: harness.folder, env });
  expect(ran.stdout).toContain('"ok":true');

  const { schedule } = await client.status('my-dataflow');
  expect(schedule).toMatchObject({
    cadence: 'every 1d at 06:30',
    paused: false,
    note: 'Pinterest Ads, daily',
  });
  const handle = harness.client.schedule.getHandle('my-dataflow');
  expect(await handle.describe()).toMatchObject({
    action: { workflowType: 'dataflow', workflowId: 'my-dataflow', args: [named] },
    policies: { overlap: 'SKIP', catchupWindow: 86_400_000 },
    spec: { jitter: 600_000 },
  });
  expect(await client.create(named)).toEqual({ name: 'my-dataflow', created: false });
  expect((await client.status('my-dataflow')).schedule!.cadence).toBe('every 1d at 06:30');
});
