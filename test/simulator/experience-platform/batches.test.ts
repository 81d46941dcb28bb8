// From an empty dataset to what a reader of the data lake sees.
import {
  act,
  batchOf,
  createBatch,
  deliver,
  follow,
  lines,
  makeDataset,
  row,
  upload,
  withPlatform,
} from './client.js';

const COMPLETE = 'COMPLETE';

test('a dataset is made for a schema and found by its name', () =>
  withPlatform({}, async (client) => {
    const { dataset, schema } = await makeDataset(client, 'acme-ads');
    const schemaRef = { id: schema, contentType: 'application/vnd.adobe.xed+json;version=1' };
    const list = async (query: string) => (await client.call(`/catalog/dataSets?${query}`)).json();
    expect(await list('name=acme-ads&properties=name,schemaRef')).toEqual({
      [dataset]: { name: 'acme-ads', schemaRef },
    });
    expect(await list('name=other')).toEqual({});
    const refusal = async (body: object) => {
      const { status, json } = await client.call('/catalog/dataSets', { body });
      return [status, json().detail];
    };
    const nowhere = { ...schemaRef, id: 'https://ns.adobe.com/acme/schemas/none' };
    expect([
      await refusal({ schemaRef }),
      await refusal({ name: 'x', schemaRef: nowhere }),
      await refusal({ name: 'x', schemaRef: { ...schemaRef, contentType: 'application/json' } }),
    ]).toEqual([
      [400, expect.stringContaining('name')],
      [400, expect.stringContaining('schemas/none')],
      [400, expect.stringContaining('schemaRef.contentType')],
    ]);
    expect((await client.call('/catalog/dataSets?nmae=x')).status).toBe(400);
  }));

test('rows are read once their batch has succeeded, and not before', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    expect(await batchOf(client, batch)).toMatchObject({
      status: 'loading',
      relatedObjects: [{ type: 'dataSet', id: dataset }],
    });
    expect((await upload(client, batch, dataset, lines([row(1)]), 'week/a.json')).status).toBe(201);
    expect((await upload(client, batch, dataset, lines([row(1), row(2)]), 'week/a.json')).status).toBe(200);
    expect((await upload(client, batch, dataset, lines([row(3)]), 'week/b.json')).status).toBe(201);
    expect(await act(client, batch, COMPLETE)).toMatchObject({ status: 200, text: '' });
    expect((await act(client, batch, COMPLETE)).status).toBe(200);
    expect(await client.rows('ads')).toEqual([]);
    const { statuses, batch: ended } = await follow(client, batch);
    expect(statuses).toEqual(['staging', 'success']);
    expect(ended.metrics).toMatchObject({
      inputFileCount: 2,
      inputRecordCount: 3,
      outputRecordCount: 3,
      failedRecordCount: 0,
    });
    expect(await client.rows('ads')).toEqual([row(1), row(2), row(3)]);
    const seen = (await client.call(`/catalog/dataSets/${dataset}`)).json()[dataset];
    expect(seen).toMatchObject({ lastBatchStatus: 'success', lastSuccessfulBatch: batch });
    const ndjson = await fetch(`${client.platform.url}/simulator/lake/prod/ads`);
    expect(await ndjson.text()).toBe(lines([row(1), row(2), row(3)]));
  }));

test('what was accepted comes to its end though nobody asks', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    await upload(client, batch, dataset, lines([row(1)]));
    await act(client, batch, COMPLETE);
    await client.platform.lake.settle('prod');
    expect(await client.rows('ads')).toEqual([row(1)]);
  }));

test.each(['', '$'])('a batch that replays another (prefix "%s") replaces it in one step', (prefix) =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const first = (await deliver(client, dataset, [row(1), row(2)])).batch.id;
    const kept = (await deliver(client, dataset, [row(9)])).batch.id;
    const replay = { predecessors: [`${prefix}${first}`], reason: 'replace' };
    const second = await createBatch(client, dataset, { replay });
    await upload(client, second, dataset, lines([row(1, { clicks: 5 })]));
    await act(client, second, COMPLETE);
    expect(await client.rows('ads')).toEqual([row(1), row(2), row(9)]);
    const { batch } = await follow(client, second);
    expect(batch.replay).toEqual({ predecessors: [first], reason: 'replace' });
    expect(await client.rows('ads')).toEqual([row(9), row(1, { clicks: 5 })]);
    expect((await batchOf(client, first)).status).toBe('inactive');
    expect((await batchOf(client, kept)).status).toBe('success');
  }),
);

test('a batch that failed replaces nothing', () =>
  withPlatform({ faults: [{ effect: 'batch-fails', skip: 1 }] }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const first = (await deliver(client, dataset, [row(1)])).batch.id;
    const replay = { predecessors: [first], reason: 'replace' };
    expect((await deliver(client, dataset, [row(2)], { replay })).batch.status).toBe('failed');
    expect(await client.rows('ads')).toEqual([row(1)]);
  }));

test('only batches of the dataset that were ingested can be replaced', () =>
  withPlatform({ replayPrefix: 'forbidden' }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const other = await makeDataset(client, 'other');
    const foreign = (await deliver(client, other.dataset, [row(1)])).batch.id;
    const loading = await createBatch(client, dataset);
    const refusal = async (predecessors: string[], reason = 'replace') => {
      const body = { datasetId: dataset, inputFormat: { format: 'json' }, replay: { predecessors, reason } };
      const { status, json } = await client.call('/import/batches', { body });
      return `${status} ${json().detail}`;
    };
    expect([
      await refusal([foreign]),
      await refusal([loading]),
      await refusal(['01ABC']),
      await refusal([`$${loading}`]),
      await refusal([], 'replace'),
      await refusal([loading], 'because'),
    ]).toEqual([
      expect.stringMatching(/^400 .*has no batch/),
      expect.stringMatching(/^400 .*it is loading/),
      expect.stringMatching(/^400 .*has no batch 01ABC/),
      expect.stringMatching(/^400 .*is no batch/),
      expect.stringMatching(/^400 replay.predecessors/),
      expect.stringMatching(/^400 replay.reason/),
    ]);
  }));

test('a batch is aborted while it loads, and reverted once it is ingested', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const orphan = await createBatch(client, dataset);
    await upload(client, orphan, dataset, lines([row(1)]));
    const codes = [];
    for (const action of ['REVERT', 'ABORT', 'ABORT', 'COMPLETE', 'REVERT', 'abort'])
      codes.push((await act(client, orphan, action)).status);
    expect(codes).toEqual([400, 200, 200, 400, 400, 400]);
    expect((await upload(client, orphan, dataset, '')).status).toBe(400);
    expect((await batchOf(client, orphan)).status).toBe('aborted');
    const good = await createBatch(client, dataset);
    await upload(client, good, dataset, lines([row(2)]));
    await act(client, good, COMPLETE);
    expect((await act(client, good, 'ABORT')).status).toBe(400);
    expect((await act(client, good, 'REVERT')).status).toBe(400);
    await follow(client, good);
    expect((await act(client, good, 'REVERT')).status).toBe(200);
    expect((await act(client, good, 'REVERT')).status).toBe(200);
    expect((await batchOf(client, good)).status).toBe('inactive');
    expect(await client.rows('ads')).toEqual([]);
    const bad = await createBatch(client, dataset);
    expect((await act(client, bad, 'FAIL')).status).toBe(200);
    expect((await batchOf(client, bad)).status).toBe('failed');
  }));

test('where a guide of Adobe says so, a batch can still be aborted after COMPLETE', () =>
  withPlatform({ abortAfterComplete: 'allow' }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    await upload(client, batch, dataset, lines([row(1)]));
    await act(client, batch, COMPLETE);
    expect((await act(client, batch, 'ABORT')).status).toBe(200);
    await client.platform.lake.settle('prod');
    expect((await batchOf(client, batch)).status).toBe('aborted');
    expect(await client.rows('ads')).toEqual([]);
  }));

test('batches are listed by dataset and status, in pages', () =>
  withPlatform({ limits: { catalogPage: 2 } }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const done = (await deliver(client, dataset, [row(1)])).batch.id;
    const open = [await createBatch(client, dataset), await createBatch(client, dataset)];
    const ids = async (query: string) => Object.keys((await client.call(`/catalog/batches?${query}`)).json());
    const of = `dataSet=${dataset}`;
    expect(await ids(`${of}&status=success`)).toEqual([done]);
    expect(await ids(`${of}&status=loading&orderBy=asc:created`)).toEqual(open);
    expect(await ids(`${of}&orderBy=asc:created`)).toEqual([done, open[0]]);
    expect(await ids(`${of}&orderBy=asc:created&start=2`)).toEqual([open[1]]);
    expect(await ids('dataSet=none')).toEqual([]);
    expect((await client.call('/catalog/batches?status=done')).status).toBe(400);
  }));

test.each([
  [{ datasetId: '0123456789abcdef01234567' }, /no dataset/],
  [{ datasetId: 'ads' }, /datasetId/],
  [{ inputFormat: { format: 'parquet' } }, /inputFormat.format/],
  [{ inputFormat: { format: 'json', isMultiLineJson: true } }, /isMultiLineJson/],
  [{ partialIngestionPercent: 101 }, /partialIngestionPercent/],
  [{ partialIngestion: 5 }, /partialIngestion/],
])('a batch with %j is not made', (wrong, detail) =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const body = { datasetId: dataset, inputFormat: { format: 'json' }, ...wrong };
    const answer = await client.call('/import/batches', { body });
    expect([answer.status, answer.json().detail]).toEqual([400, expect.stringMatching(detail)]);
  }),
);

test('more batches a minute than allowed are throttled', () =>
  withPlatform({ limits: { batchesPerMinute: 1 } }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    await createBatch(client, dataset);
    const body = { datasetId: dataset, inputFormat: { format: 'json' } };
    const { status, headers } = await client.call('/import/batches', { body });
    expect([status, Number(headers.get('retry-after')) > 50]).toEqual([429, true]);
  }));
