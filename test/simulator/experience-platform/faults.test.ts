// What can be made to go wrong, and how a client sees it.
import type { FaultRule } from '../../../simulator/experience-platform/wire/faults.js';
import {
  act,
  createBatch,
  deliver,
  follow,
  lines,
  makeDataset,
  row,
  upload,
  withPlatform,
  type Client,
} from './client.js';

const BATCHES = '/catalog/batches';

const underFaults = (faults: FaultRule[], work: (client: Client, dataset: string) => Promise<void>) =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    client.platform.settings.faults = faults;
    await work(client, dataset);
  });

test.each([
  [{ effect: 'throttle', retryAfter: '7' }, 429, '7'],
  [{ effect: 'throttle', retryAfter: 'Fri, 01 May 2026 00:00:00 GMT' }, 429, 'Fri, 01 May 2026 00:00:00 GMT'],
  [{ effect: 'server-error' }, 500, null],
  [{ effect: 'bad-gateway' }, 502, null],
  [{ effect: 'unavailable' }, 503, null],
  [{ effect: 'gateway-timeout' }, 504, null],
] as [FaultRule, number, string | null][])('%j answers %s once', (rule, status, retryAfter) =>
  underFaults([{ ...rule, times: 1 }], async (client) => {
    const answer = await client.call(BATCHES);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect((await client.call(BATCHES)).status).toBe(200);
    expect(client.platform.log.at(-2)).toMatchObject({ status, faults: [rule.effect] });
  }),
);

test('a reset comes before the effect, a lost answer after it', () =>
  underFaults(
    [
      { effect: 'reset', route: 'create-batch', times: 1 },
      { effect: 'lost-answer', route: 'create-batch', times: 1 },
    ],
    async (client, dataset) => {
      const made = async () =>
        Object.keys((await client.call(`${BATCHES}?dataSet=${dataset}`)).json()).length;
      await expect(createBatch(client, dataset)).rejects.toThrow('fetch failed');
      expect(await made()).toBe(0);
      await expect(createBatch(client, dataset)).rejects.toThrow('fetch failed');
      expect(await made()).toBe(1);
      const lost = client.platform.log.filter(({ faults }) => faults.length > 0);
      expect(lost.map(({ status, faults }) => [status, faults])).toEqual([
        [0, ['reset']],
        [0, ['lost-answer']],
      ]);
    },
  ));

test('a COMPLETE whose answer was lost took effect, and can be repeated', () =>
  underFaults([{ effect: 'lost-answer', route: 'batch-action', times: 1 }], async (client, dataset) => {
    const batch = await createBatch(client, dataset);
    await upload(client, batch, dataset, lines([row(1)]));
    await expect(act(client, batch, 'COMPLETE')).rejects.toThrow('fetch failed');
    expect((await act(client, batch, 'COMPLETE')).status).toBe(200);
    expect((await follow(client, batch)).batch.status).toBe('success');
    expect(await client.rows('ads')).toEqual([row(1)]);
  }));

test('an upload whose answer was lost is kept', () =>
  underFaults([{ effect: 'lost-answer', route: 'upload', times: 1 }], async (client, dataset) => {
    const batch = await createBatch(client, dataset);
    await expect(upload(client, batch, dataset, lines([row(1)]))).rejects.toThrow('fetch failed');
    await act(client, batch, 'COMPLETE');
    await follow(client, batch);
    expect(await client.rows('ads')).toEqual([row(1)]);
  }));

test('a token ends in the middle', () =>
  underFaults([{ effect: 'expire-token', skip: 1, times: 1 }], async (client) => {
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await client.call(BATCHES)).status);
    expect(statuses).toEqual([200, 401, 401]);
  }));

test('an answer is slow', () =>
  underFaults([{ effect: 'slow', delayMs: 80 }], async (client) => {
    const begun = performance.now();
    await client.call(BATCHES);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(78);
  }));

test.each([
  [{ effect: 'batch-slow', polls: 2 }, ['staging', 'staging', 'staged', 'success']],
  [{ effect: 'batch-retries', polls: 2 }, ['staging', 'retrying', 'retrying', 'success']],
  [{ effect: 'batch-stalls', polls: 2 }, ['staging', 'retrying', 'stalled', 'stalled', 'success']],
  [{ effect: 'batch-fails' }, ['staging', 'failed']],
  [{ effect: 'batch-fails', endsAs: 'abandoned' }, ['staging', 'abandoned']],
] as [FaultRule, string[]][])('%j: polls see %j', (rule, expected) =>
  underFaults([{ ...rule, times: 1 }], async (client, dataset) => {
    const { statuses } = await deliver(client, dataset, [row(1)]);
    expect(statuses).toEqual(expected);
    expect(await client.rows('ads')).toHaveLength(expected.at(-1) === 'success' ? 1 : 0);
    expect((await deliver(client, dataset, [row(2)])).statuses).toEqual(['staging', 'success']);
  }),
);

test('a batch that stalls for ever is never read', () =>
  underFaults([{ effect: 'batch-stalls', times: 1 }], async (client, dataset) => {
    const batch = await createBatch(client, dataset);
    await upload(client, batch, dataset, lines([row(1)]));
    await act(client, batch, 'COMPLETE');
    await client.platform.lake.settle('prod');
    const statuses = [];
    for (let i = 0; i < 5; i += 1)
      statuses.push((await client.call(`${BATCHES}/${batch}`)).json()[batch].status);
    expect(statuses).toEqual(['staging', 'retrying', 'stalled', 'stalled', 'stalled']);
    expect(await client.rows('ads')).toEqual([]);
  }));

test('a batch succeeds in part', () =>
  underFaults([{ effect: 'batch-partial', rows: 2, times: 1 }], async (client, dataset) => {
    const threshold = { enableErrorDiagnostics: true, partialIngestionPercentage: 50 };
    const { batch } = await deliver(
      client,
      dataset,
      [1, 2, 3, 4].map((i) => row(i)),
      threshold,
    );
    expect(batch).toMatchObject({
      status: 'success',
      metrics: { outputRecordCount: 2, failedRecordCount: 2 },
    });
    expect(await client.rows('ads')).toEqual([row(3), row(4)]);
  }));

test('rules choose requests by route, by predicate, and by chance from the seed', () =>
  underFaults([{ effect: 'unavailable', route: 'batches', probability: 0.5 }], async (client, dataset) => {
    const statuses = async (path: string) => {
      const found = [];
      for (let i = 0; i < 20; i += 1) found.push((await client.call(path)).status);
      return found;
    };
    const { settings } = client.platform;
    const first = await statuses(BATCHES);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    settings.faults = [{ ...settings.faults[0]! }];
    expect(await statuses(BATCHES)).toEqual(first);
    expect(new Set(await statuses(`/catalog/dataSets/${dataset}`))).toEqual(new Set([200]));
    settings.faults = [{ effect: 'server-error', when: ({ query }) => query.get('limit') === '13' }];
    expect((await client.call(`${BATCHES}?limit=13`)).status).toBe(500);
    expect((await client.call(`${BATCHES}?limit=12`)).status).toBe(200);
  }));
