// Which rows the platform takes, which it refuses, and what it tells about those.
import { deliver, lines, makeDataset, row, withPlatform, type Client } from './client.js';

const tolerant = {
  enableErrorDiagnostics: true,
  partialIngestionPercent: 50,
  partialIngestionPercentage: 50,
};

const failedOf = async (client: Client, batch: string, what: string) => {
  const list = (await client.call(`/export/batches/${batch}/${what}`)).json();
  const files = list.data.map(({ name, length }: { name: string; length: string }) => [
    name,
    Number(length) > 0,
  ]);
  const href = list.data.at(-1)?._links.self.href;
  if (href === undefined) return { files, rows: [] };
  const { text } = await client.call(href.slice(href.indexOf('/export/')));
  return {
    files,
    rows: text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
};

test('values are converted to the type of their field', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const given = { campaign_id: 42, clicks: '7', ctr: '0.5', day: 1_777_593_600_000 };
    const { batch } = await deliver(client, dataset, [{ ...row(1, given), timestamp: 1_777_593_600_000 }]);
    expect(batch.status).toBe('success');
    expect(await client.rows('ads')).toEqual([
      row(1, { campaign_id: '42', clicks: 7, ctr: 0.5, day: '2026-05-01' }),
    ]);
  }));

test.each<[string, object, string]>([
  ['a text that is no number', row(1, { clicks: 'many' }), 'INGEST-1501-400'],
  ['a number beyond an integer', row(1, { clicks: 2 ** 31 + 1 }), 'INGEST-1501-400'],
  ['a number beyond a long', row(1, { spend_in_micro_dollar: 2 ** 54 }), 'INGEST-1501-400'],
  ['a boolean', row(1, { ctr: true }), 'INGEST-1501-400'],
  ['a list', row(1, { campaign_id: ['1'] }), 'INGEST-1501-400'],
  ['a day that no calendar has', row(1, { day: '2026-02-30' }), 'INGEST-1501-400'],
  ['a time without a zone', { ...row(1), timestamp: '2026-05-01T00:00:00' }, 'INGEST-1501-400'],
  ['no timestamp', { ...row(1), timestamp: undefined }, 'INGEST-1555-400'],
  ['no id', { ...row(1), _id: undefined }, 'INGEST-1555-400'],
  ['a null', row(1, { clicks: null }), 'INGEST-1555-400'],
  ['a field that the schema lacks', row(1, { outbound_clicks: 1 }), 'INGEST-1502-400'],
  ['a field beside the tenant', { ...row(1), clicks: 1 }, 'INGEST-1502-400'],
])('%s fails the batch where no failed row is allowed', (_case, bad, code) =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const { batch } = await deliver(client, dataset, [row(2), bad], { enableErrorDiagnostics: true });
    expect([batch.status, batch.errors]).toEqual([
      'failed',
      [
        { code: 'INGEST-1212-400', description: expect.stringContaining('1 errors') },
        { code, description: expect.any(String), recordCount: 1 },
      ],
    ]);
    expect(await client.rows('ads')).toEqual([]);
  }),
);

test('under the threshold good rows come in, and the failed ones can be fetched with their reasons', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const bad = row(2, { clicks: 'many', x: 1 });
    const { batch } = await deliver(client, dataset, [row(1), bad, row(3), [4]], tolerant);
    expect(batch).toMatchObject({
      status: 'success',
      metrics: { inputRecordCount: 4, outputRecordCount: 2, failedRecordCount: 2 },
      tags: { acp_enableErrorDiagnostics: true, acp_partialIngestionPercent: 50 },
    });
    expect(await client.rows('ads')).toEqual([row(1), row(3)]);
    const corrupt = {
      _corrupt_record: '[4]',
      _errors: [{ code: '1401', message: expect.stringContaining('corrupted') }],
      _filename: 'rows.json',
    };
    const failed = {
      ...bad,
      _errors: [
        { code: '1501', message: 'Cannot convert "many" to int', column: '_acme.clicks' },
        { code: '1502', message: 'The schema has no field _acme.x', column: '_acme.x' },
      ],
      _filename: 'rows.json',
    };
    expect(await failedOf(client, batch.id, 'failed')).toEqual({
      files: [
        ['_SUCCESS', false],
        ['part-00000.json', true],
      ],
      rows: [failed, corrupt],
    });
    expect(await failedOf(client, batch.id, 'meta?path=row_errors')).toEqual({
      files: [
        ['conversion_errors_0.json', true],
        ['parsing_errors_0.json', true],
      ],
      rows: [corrupt],
    });
    expect((await failedOf(client, batch.id, 'meta?path=input_files')).rows).toEqual([{ path: 'rows.json' }]);
    expect((await client.call(`/export/batches/${batch.id}/meta?path=secrets`)).status).toBe(404);
    expect((await client.call(`/export/batches/${batch.id}/failed?path=../rows.json`)).status).toBe(404);
  }));

test('over the threshold the batch fails', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const bad = [1, 2, 3].map((i) => row(i, { x: 1 }));
    const { batch } = await deliver(client, dataset, [row(4), row(5), ...bad], tolerant);
    expect(batch).toMatchObject({ status: 'failed', metrics: { failedRecordCount: 3 } });
  }));

test('a client that names the threshold in one way only may not be heard', () =>
  withPlatform({ thresholdField: 'partialIngestionPercent' }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const rows = [row(1), row(2, { x: 1 })];
    const { batch } = await deliver(client, dataset, rows, { partialIngestionPercentage: 50 });
    expect([batch.status, batch.errors[0].code]).toEqual(['failed', 'INGEST-1211-400']);
    expect((await deliver(client, dataset, rows, tolerant)).batch.status).toBe('success');
    expect((await failedOf(client, batch.id, 'failed')).files).toEqual([]);
  }));

test('a row with more fields than allowed fails', () =>
  withPlatform({ limits: { fieldsPerRow: 4 } }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const { batch } = await deliver(client, dataset, [row(1), row(2, { clicks: 1 })], tolerant);
    expect(batch.metrics).toMatchObject({ outputRecordCount: 1, failedRecordCount: 1 });
  }));

test('the rows of a batch can be downloaded', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const { batch } = await deliver(client, dataset, [row(1)]);
    const [file] = (await client.call(`/export/batches/${batch.id}/files`)).json().data;
    const path = `/export/files/${file.dataSetFileId}`;
    const [{ name }] = (await client.call(path)).json().data;
    expect((await client.call(`${path}?path=${name}`)).text).toBe(lines([row(1)]));
  }));
