// A platform that knows no more than Adobe's guides promise: it keeps what it is given as it is, resolves nothing, ignores filters,
// lists no batches, answers with any 2xx and with words of its own for a batch that moves.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { experiencePlatformTarget } from '../../../src/targets/experience-platform/experience-platform-target.js';
import type { ExperiencePlatformTarget } from '../../../src/dataflow/spec.js';
import { PARTITION, ROWS, Stage, TABLE, tableWith } from './partition.js';

const TOKEN = 'eyJhbGciOiJub25lIn0.acme';

type Document = Record<string, unknown>;

class PlainPlatform {
  /** What it says of batches besides. */
  said: object = {};
  readonly resources = new Map<string, Document>();
  readonly datasets = new Map<string, Document>([
    ['older', { name: 'other', schemaRef: { id: 'https://x' } }],
  ]);
  readonly batches = new Map<string, Document & { files: Map<string, string>; words: string[] }>();

  /** Status and body. */
  async answer(request: IncomingMessage): Promise<[number, unknown?]> {
    const { pathname, searchParams } = new URL(request.url!, 'http://host');
    const body = await text(request);
    const path = pathname.replace('/data/foundation', '');
    const parts = path.split('/').slice(1).map(decodeURIComponent);
    if (path === '/ims/token/v3') return [200, { access_token: TOKEN, expires_in: 86399 }];
    if (path === '/schemaregistry/stats') return [200, { tenantId: 'acme' }];
    if (parts[0] === 'schemaregistry') return this.registry(request.method!, parts[2]!, parts[3], body);
    if (path === '/catalog/dataSets') {
      if (request.method === 'GET') return [200, Object.fromEntries(this.datasets)];
      this.datasets.set('made', JSON.parse(body) as Document);
      return [201, ['@/dataSets/made']];
    }
    if (path === '/import/batches') {
      const id = `batch-${this.batches.size}`;
      this.batches.set(id, { ...(JSON.parse(body) as Document), files: new Map(), words: ['loading'] });
      return [200, { id }];
    }
    const batch = this.batches.get(parts[2] ?? '');
    if (!batch) return [404, 'nothing here'];
    if (parts[0] === 'catalog') {
      const status = batch.words.length > 1 ? batch.words.shift() : batch.words[0];
      return [200, { [parts[2]!]: { status, ...(this.said as Document) } }];
    }
    if (request.method === 'PUT') batch.files.set(parts[6]!, body);
    if (searchParams.get('action') === 'COMPLETE') batch.words.splice(0, 1, 'QUEUED', 'staged', 'ACTIVE');
    return [204];
  }

  private registry(method: string, kind: string, $id: string | undefined, body: string): [number, unknown] {
    if (method === 'POST') {
      const id = `https://ns.adobe.com/acme/${kind}/${this.resources.size}`;
      this.resources.set(id, { ...(JSON.parse(body) as Document), $id: id });
      return [201, { $id: id }];
    }
    if ($id === undefined) {
      const results = [...this.resources].filter(([id]) => id.includes(kind)).map(([, one]) => one);
      return [200, { results, _page: {} }];
    }
    const resource = this.resources.get($id)!;
    if (method === 'PATCH')
      for (const { path, value } of JSON.parse(body) as { path: string; value: unknown }[]) {
        const names = path.slice(1).split('/');
        const at = names.slice(0, -1).reduce((one, name) => one[name] as Document, resource);
        at[names.at(-1)!] = value;
      }
    return [200, resource];
  }
}

let stage: Stage;
let server: Server;
let platform: PlainPlatform;
beforeEach(async () => {
  stage = await Stage.start();
  platform = new PlainPlatform();
  server = createServer((request, response) => {
    void platform.answer(request).then(([status, body]) => {
      response.statusCode = status;
      response.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.close();
  await stage.close();
});

const open = () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const access = { clientId: 'a', clientSecret: 'b', org: 'c', scopes: 'd', url, imsUrl: url };
  const spec: ExperiencePlatformTarget = {
    kind: 'experience-platform',
    sandbox: 'prod',
    dataset: 'acme-ads',
    shape: 'columns',
    errorThresholdPercent: 5,
    adopt: false,
  };
  return experiencePlatformTarget(access)(spec);
};

test('it is delivered to all the same: set up once, fields added, batches followed to their end', async () => {
  const first = await stage.prepare(open());
  expect(first.made).toHaveLength(3);
  expect(await stage.prepare(open())).toEqual({ empty: true, made: [] });
  const wider = tableWith({ name: 'total_impression', type: 'DOUBLE PRECISION' });
  expect((await stage.prepare(open(), [wider])).made).toEqual([
    expect.stringContaining('Added _acme.total_impression') as unknown,
  ]);
  expect((await stage.prepare(open(), [wider])).made).toEqual([]);
  const types = TABLE.columns.map(({ name }) => ({ name, type: 'TEXT' }) as const);
  await expect(stage.prepare(open(), [{ ...TABLE, columns: types }])).rejects.toMatchObject({
    message: expect.stringContaining('is of type date in') as unknown,
  });

  const target = open();
  expect(await target.openSince(0, stage.signal)).toEqual([]);
  const id = await stage.deliver(target, ROWS(2));
  expect(await target.look(stage.begun(id))).toMatchObject({ state: 'delivered', status: 'active' });
  const { files, partialIngestionPercent, partialIngestionPercentage } = platform.batches.get(id)!;
  expect([partialIngestionPercent, partialIngestionPercentage]).toEqual([5, 5]);
  expect([...files.values()].join('').trim().split('\n')).toHaveLength(2);
  const next = await target.begin(PARTITION, id, stage.signal);
  expect(platform.batches.get(next)).toMatchObject({ replay: { predecessors: [id], reason: 'replace' } });
});

test('counts that it does not give are not taken for none, rows that are missing are told, and no token is quoted', async () => {
  const target = open();
  await stage.prepare(target);
  const id = await stage.deliver(target, ROWS(2));
  platform.said = { errors: [{ code: 'ODD-1', description: `The bearer ${TOKEN} is odd` }] };
  expect(await target.look(stage.begun(id))).toEqual({
    state: 'delivered',
    status: 'active',
    rows: null,
    failedRows: 0,
    errors: [{ code: 'ODD-1', message: 'The bearer *** is odd' }],
  });
  platform.said = { metrics: { inputRecordCount: 5, outputRecordCount: 2 } };
  expect(await target.look(stage.begun(id))).toMatchObject({ rows: 2, failedRows: 3 });
});
