// A partition on its way into a dataset over real HTTP, and what may go wrong on that way.
import type { FaultRule } from '../../../simulator/experience-platform/wire/faults.js';
import { connect } from '../../simulator/experience-platform/client.js';
import { PARTITION, ROWS, Stage, TABLE } from './partition.js';

let stage: Stage;
afterEach(() => stage.close());

const started = async (faults: FaultRule[] = [], options: Parameters<typeof Stage.start>[0] = {}) => {
  stage = await Stage.start(options);
  const target = stage.target();
  await stage.prepare(target);
  stage.platform.settings.faults = faults;
  return target;
};
const requests = (route: string) => stage.platform.log.filter((entry) => entry.route === route);
const statusOf = (id: string) =>
  stage.platform.lake.batches('prod', 'acme-ads').find((batch) => batch.id === id)?.status;

test('rows come through exactly: ids as text, whole Longs, fractions, absent values left out', async () => {
  const target = await started();
  const id = await stage.deliver(target, ROWS(2));
  expect(await target.look(stage.begun(id))).toEqual({
    state: 'delivered',
    status: 'success',
    rows: 2,
    failedRows: 0,
    errors: [],
  });
  const rows = (await stage.rows()).map(({ _id, ...row }) => row);
  expect(rows).toContainEqual({
    timestamp: '2026-05-04T00:00:00Z',
    _acme: {
      ad_account_id: '549755885175',
      campaign_id: '626735565838',
      date: '2026-05-04',
      spend_in_micro_dollar: 0,
      ctr: 0,
      campaign_name: 'Grüße "0" \\',
    },
  });
  expect(rows).toContainEqual({
    timestamp: '2026-05-04T00:00:00Z',
    _acme: {
      ad_account_id: '549755885175',
      campaign_id: '626735565839',
      date: '2026-05-04',
      spend_in_micro_dollar: 1_000_000,
      campaign_name: 'Grüße "1" \\',
    },
  });
});

test('a batch takes the place of the one before; a row keeps its _id; REVERT empties, however often', async () => {
  const target = await started();
  const first = await stage.deliver(target, ROWS(3));
  const ids = new Set((await stage.rows()).map((row) => row['_id']));
  expect(ids.size).toBe(3);
  const second = await stage.deliver(target, ROWS(2), first);
  const rows = await stage.rows();
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(ids).toContain(row['_id']);
  expect(statusOf(first)).toBe('inactive');
  await target.remove(stage.begun(second));
  await target.remove(stage.begun(second));
  expect(await stage.rows()).toEqual([]);
  // What a batch is to replace may be gone by then.
  expect((await target.look(stage.begun(await stage.deliver(target, ROWS(1), second)))).state).toBe(
    'delivered',
  );
});

test('a dataset that was made anew: a worker that knew the old one begins in the new, and replaces nothing of the old', async () => {
  const target = await started();
  const old = await stage.deliver(target, ROWS(2));
  const client = await connect(stage.platform);
  const { id } = stage.platform.lake.datasets('prod', 'acme-ads')[0]!;
  expect((await client.call(`/catalog/dataSets/${id}`, { method: 'DELETE' })).status).toBe(200);
  let gone = 0;
  const { made } = await stage.prepare(stage.target(), [TABLE], () => gone++);
  expect({ gone, made }).toEqual({ gone: 1, made: [expect.stringContaining('Made the dataset acme-ads')] });
  await stage.deliver(target, ROWS(1), old);
  expect(await stage.rows()).toHaveLength(1);
});

test('a batch that is to replace one that never was is begun without it', async () => {
  const target = await started();
  await stage.deliver(target, ROWS(1), '01GONE');
  expect(await stage.rows()).toHaveLength(1);
});

test('a file too large for one piece goes in parts', async () => {
  stage = await Stage.start({ limits: { uploadBytes: 200_000, partBytes: 100_000 } });
  const target = stage.target({}, { limits: { fileBytes: 200_000, partBytes: 64_000 } });
  await stage.prepare(target);
  await stage.deliver(target, ROWS(5_000));
  expect(await stage.rows()).toHaveLength(5_000);
  expect(requests('upload').length).toBeGreaterThan(5);
});

test('a part whose answer is lost is not sent again: it may be an overlap there', async () => {
  stage = await Stage.start({ limits: { uploadBytes: 200_000, partBytes: 100_000 } });
  const target = stage.target({}, { limits: { fileBytes: 200_000, partBytes: 64_000 } });
  await stage.prepare(target);
  stage.platform.settings.faults = [
    { effect: 'lost-answer', route: 'upload', when: ({ method }) => method === 'PATCH', times: 1 },
  ];
  const id = await target.begin(PARTITION, null, stage.signal);
  await expect(target.upload(stage.begun(id), await stage.outgoing(ROWS(5_000)))).rejects.toMatchObject({
    kind: 'TargetUnavailable',
  });
  expect(requests('upload').filter(({ method }) => method === 'PATCH')).toHaveLength(1);
});

test('throttles that are short are waited for, longer ones are told with their time', async () => {
  const target = await started([{ effect: 'throttle', retryAfter: '1', route: 'upload', times: 1 }]);
  await stage.deliver(target, ROWS(1));
  expect(await stage.rows()).toHaveLength(1);
  stage.platform.settings.faults = [{ effect: 'throttle', retryAfter: '120', route: 'create-batch' }];
  const before = Date.now();
  const error = await target.begin(PARTITION, null, stage.signal).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ kind: 'TargetThrottled' });
  const { retryAtMs } = (error as { facts: { retryAtMs: number } }).facts;
  expect(retryAtMs).toBeGreaterThanOrEqual(before + 120_000);
  expect(retryAtMs).toBeLessThan(Date.now() + 121_000);
  const date = new Date(Date.now() + 600_000).toUTCString();
  stage.platform.settings.faults = [{ effect: 'throttle', retryAfter: date, route: 'create-batch' }];
  await expect(target.begin(PARTITION, null, stage.signal)).rejects.toMatchObject({
    facts: { retryAtMs: Date.parse(date) },
  });
});

test('one token serves all; the platform refuses it, and one new one is asked for', async () => {
  stage = await Stage.start();
  const open = stage.targets();
  const targets = [open(), open({ dataset: 'other' })];
  await Promise.all(targets.map((target) => stage.prepare(target)));
  expect(requests('token')).toHaveLength(1);
  stage.platform.settings.faults = [{ effect: 'expire-token', times: 1 }];
  await stage.deliver(targets[0]!, ROWS(10));
  await stage.deliver(targets[1]!, ROWS(10));
  expect(requests('token')).toHaveLength(2);
  expect(await stage.rows('other')).toHaveLength(10);
});

test('a token of a short life is renewed before it ends', async () => {
  // A tenth of it is kept for the way there: what a busy machine may take.
  const target = await started([], { tokenLifetimeMs: 5_000 });
  for (let i = 0; i < 4; i++) {
    await stage.deliver(target, ROWS(1));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
  expect(requests('token').length).toBeGreaterThan(1);
  expect(stage.platform.log.filter(({ status }) => status === 401)).toEqual([]);
});

test('a token that cannot be had at once is asked for again, and nothing has left until then', async () => {
  stage = await Stage.start({ faults: [{ effect: 'bad-gateway', route: 'token', times: 2 }] });
  await stage.prepare(stage.target());
  expect(requests('token')).toHaveLength(3);
  expect(stage.platform.log.slice(0, 3).map(({ route }) => route)).toEqual(['token', 'token', 'token']);
});

test('a client that no token helps is refused after one more try', async () => {
  const target = await started([{ effect: 'expire-token' }]);
  await expect(target.begin(PARTITION, null, stage.signal)).rejects.toMatchObject({ kind: 'TargetRefused' });
  expect(requests('create-batch')).toHaveLength(2);
});

test.each(['server-error', 'bad-gateway', 'unavailable', 'gateway-timeout', 'reset', 'lost-answer'] as const)(
  'uploads and looks get over a passing %s; what begins or completes a batch is never repeated by itself',
  async (effect) => {
    const target = await started([
      { effect, route: ['upload', 'batch-status'], times: 2 },
      { effect, route: 'create-batch', times: 1 },
    ]);
    await expect(target.begin(PARTITION, null, stage.signal)).rejects.toMatchObject({
      kind: 'TargetUnavailable',
    });
    expect(requests('create-batch')).toHaveLength(1);
    const orphans = effect === 'lost-answer' ? 1 : 0;
    expect(await target.openSince(Date.now() - 60_000, stage.signal)).toHaveLength(orphans);
    const id = await target.begin(PARTITION, null, stage.signal);
    await target.upload(stage.begun(id), await stage.outgoing(ROWS(1)));
    stage.platform.settings.faults = [{ effect, route: 'batch-action', times: 1 }];
    await expect(target.complete(stage.begun(id))).rejects.toMatchObject({ kind: 'TargetUnavailable' });
    expect(requests('batch-action')).toHaveLength(1);
    expect((await target.look(stage.begun(id))).state).toBe(effect === 'lost-answer' ? 'moving' : 'open');
  },
);

test('in a dataset that is shared nobody’s open batch is given up', async () => {
  const target = await started();
  await target.begin(PARTITION, null, stage.signal);
  expect(await stage.target({ adopt: true }).openSince(Date.now() - 60_000, stage.signal)).toEqual([]);
});

test('orphans are found by when they began and given up; one that somebody ended is no error', async () => {
  const target = await started();
  const [one, two] = [
    await target.begin(PARTITION, null, stage.signal),
    await target.begin(PARTITION, null, stage.signal),
  ];
  expect([...(await target.openSince(Date.now() - 60_000, stage.signal))].sort()).toEqual([one, two].sort());
  expect(await target.openSince(Date.now() + 60_000, stage.signal)).toEqual([]);
  await target.abandon(stage.begun(one));
  await target.abandon(stage.begun(one));
  expect(statusOf(one)).toBe('aborted');
  expect(await target.openSince(Date.now() - 60_000, stage.signal)).toEqual([two]);
  // An upload into it tells that it has to begin anew.
  await expect(target.upload(stage.begun(one), await stage.outgoing(ROWS(1)))).rejects.toMatchObject({
    kind: 'TargetUnavailable',
    message: expect.stringContaining('ended by somebody else') as unknown,
  });
});

test.each(['batch-slow', 'batch-retries', 'batch-stalls'] as const)(
  '%s: it moves until it has arrived',
  async (effect) => {
    const target = await started([{ effect, polls: 3, times: 1 }]);
    const id = await stage.deliver(target, ROWS(2));
    expect(requests('batch-status').length).toBeGreaterThan(4);
    expect(statusOf(id)).toBe('success');
  },
);

test('failed rows are told with their reasons; past the threshold the batch fails', async () => {
  stage = await Stage.start({ faults: [{ effect: 'batch-partial', rows: 3 }] });
  const open = stage.targets();
  const lenient = open({ errorThresholdPercent: 50 });
  await stage.prepare(lenient);
  const id = await stage.deliver(lenient, ROWS(10));
  expect(await lenient.look(stage.begun(id))).toMatchObject({
    state: 'delivered',
    rows: 7,
    failedRows: 3,
    errors: [{ code: 'INGEST-1212-400' }, { code: 'INGEST-1501-400' }],
  });
  const failed = [];
  for await (const row of lenient.failedRows(stage.begun(id))) failed.push(row);
  expect(failed).toHaveLength(3);
  for (const { raw, reason } of failed) {
    expect(reason).toBe('1501 The simulator was told to fail this row');
    expect(JSON.parse(raw)).toMatchObject({ _acme: { ad_account_id: '549755885175' } });
  }
  const strict = open();
  const refused = await stage.deliver(strict, ROWS(10));
  expect(await strict.look(stage.begun(refused))).toMatchObject({
    state: 'failed',
    status: 'failed',
    rows: 0,
  });
});

test('a batch that nobody there knows is told from one that failed', async () => {
  const target = await started();
  expect(await target.look(stage.begun('01NOBODY'))).toMatchObject({ state: 'unknown', rows: 0 });
});
