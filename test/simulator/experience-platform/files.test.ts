// Uploads: limits, refusals, and large files in parts.
import { once } from 'node:events';
import { request } from 'node:http';
import { act, createBatch, follow, lines, makeDataset, row, upload, withPlatform } from './client.js';

test('a file is refused with the wrong type, for a wrong dataset or batch, and too large', () =>
  withPlatform({ limits: { uploadBytes: 100 } }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    const put = async (path: string, headers = {}) =>
      (await client.call(`/import/batches/${path}`, { method: 'PUT', body: '{}\n', headers })).status;
    expect([
      await put(`${batch}/datasets/${dataset}/files/a.json`, { 'content-type': 'application/json' }),
      await put(`${batch}/datasets/0123456789abcdef01234567/files/a.json`),
      await put(`01ABC/datasets/${dataset}/files/a.json`),
      await put(`${batch}/datasets/${dataset}/files/${'a'.repeat(2000)}`),
      (await upload(client, batch, dataset, 'x'.repeat(101))).status,
    ]).toEqual([415, 404, 404, 414, 413]);
    const ended = (await act(client, batch, 'COMPLETE'), await follow(client, batch));
    expect([ended.batch.status, ended.batch.errors]).toEqual([
      'failed',
      [expect.objectContaining({ code: '133' })],
    ]);
  }));

test.each([
  ['an empty file', ['', lines([row(1)])], {}, '106'],
  ['too many files', [lines([row(1)]), lines([row(2)])], { filesPerBatch: 1 }, '400'],
  ['too many bytes', [lines([row(1)]), lines([row(2)])], { batchBytes: 200 }, '400'],
])('%s fails the batch when it is ingested', (_case, contents, limits, code) =>
  withPlatform({ limits }, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    for (const [i, content] of contents.entries())
      expect((await upload(client, batch, dataset, content, `${i}.json`)).status).toBe(201);
    await act(client, batch, 'COMPLETE');
    const ended = await follow(client, batch);
    expect([ended.batch.status, ended.batch.errors[0].code]).toEqual(['failed', code]);
    expect(await client.rows('ads')).toEqual([]);
  }),
);

test('after COMPLETE no file is taken', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    await upload(client, batch, dataset, lines([row(1)]));
    await act(client, batch, 'COMPLETE');
    const late = await upload(client, batch, dataset, lines([row(2)]), 'late.json');
    expect([late.status, late.json().detail]).toEqual([400, expect.stringContaining('it is loaded')]);
  }));

test('an upload that breaks off leaves nothing', () =>
  withPlatform({}, async (client) => {
    const { dataset } = await makeDataset(client, 'ads');
    const batch = await createBatch(client, dataset);
    const { settings, url } = client.platform;
    const path = `/data/foundation/import/batches/${batch}/datasets/${dataset}/files/a.json`;
    const upload = request(`${url}${path}`, {
      method: 'PUT',
      headers: {
        authorization: client.authorization,
        'x-api-key': settings.clientId,
        'x-gw-ims-org-id': settings.organization,
        'x-sandbox-name': 'prod',
        'content-type': 'application/octet-stream',
        'content-length': 1000,
        expect: '100-continue',
      },
    });
    upload.flushHeaders();
    await once(upload, 'continue');
    upload.write(lines([row(1)]));
    upload.destroy(new Error('the client died'));
    await expect(once(upload, 'close')).rejects.toThrow('the client died');
    expect(client.platform.log.at(-1)).toMatchObject({ route: 'upload', status: 0 });
    await act(client, batch, 'COMPLETE');
    expect((await follow(client, batch)).batch.errors[0].code).toBe('133');
  }));

const large = async (client: Parameters<typeof makeDataset>[0]) => {
  const { dataset } = await makeDataset(client, 'ads');
  const batch = await createBatch(client, dataset);
  const path = `/import/batches/${batch}/datasets/${dataset}/files/large.json`;
  return {
    batch,
    post: (action: string) => client.call(`${path}?action=${action}`, { method: 'POST' }),
    part: (body: string, start: number, end = start + body.length - 1) =>
      client.call(path, {
        method: 'PATCH',
        body,
        headers: { 'content-range': `bytes ${start}-${end}/*` },
      }),
  };
};

test('a large file is put together from parts, which may be sent twice and in any order', () =>
  withPlatform({}, async (client) => {
    const { batch, post, part } = await large(client);
    const text = lines([row(1), row(2), row(3)]);
    expect((await part('x', 0)).status).toBe(404);
    expect((await post('INITIALIZE')).status).toBe(201);
    const third = Math.ceil(text.length / 3);
    for (const start of [third, 0, 0, 2 * third])
      expect((await part(text.slice(start, start + third), start)).status).toBe(200);
    expect((await act(client, batch, 'COMPLETE')).status).toBe(400);
    expect((await post('COMPLETE')).json()).toEqual({ name: 'large.json', sizeInBytes: text.length });
    expect((await post('COMPLETE')).status).toBe(200);
    await act(client, batch, 'COMPLETE');
    await follow(client, batch);
    expect(await client.rows('ads')).toEqual([row(1), row(2), row(3)]);
  }));

test('gaps and overlaps are found when the file is completed; a wrong range at once', () =>
  withPlatform({ limits: { partBytes: 10 } }, async (client) => {
    const { post, part } = await large(client);
    const completed = async () => (await post('COMPLETE')).json().detail;
    await post('INITIALIZE');
    expect(await completed()).toMatch(/No part/);
    expect((await part('abc', 0, 5)).status).toBe(400);
    expect((await part('x'.repeat(11), 0)).status).toBe(413);
    await part('abc', 0);
    await part('fgh', 5);
    expect(await completed()).toMatch(/gap at byte 3/);
    await part('defg', 3);
    expect(await completed()).toMatch(/overlap at byte 7/);
    await post('INITIALIZE');
    expect(await completed()).toMatch(/No part/);
    expect((await post('FINISH')).status).toBe(400);
  }));
