// A download goes only to where storage can be: its address comes out of an answer, and so does each redirect.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, globalAgent, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { download } from '../../src/pinterest/download.js';
import { selfMadeCertificate } from '../support/certificate.js';
import { listen, type Listening } from './wild-server.js';

const PINTEREST = 'https://api.pinterest.com/v5';

let storage: Listening;
let answer: RequestListener;
let requests: string[];
beforeAll(async () => {
  storage = await listen((request, response) => {
    requests.push(request.url!);
    answer(request, response);
  });
});
afterAll(() => storage.close());
beforeEach(() => {
  requests = [];
  answer = (_request, response) => response.end('the report');
});

const read = async (address: string, apiUrl: string): Promise<string> =>
  (await (await download(address, 'the report', { apiUrl, idleTimeoutMs: 5_000 })).toArray()).join('');

const port = (): string => new URL(storage.url).port;

test('where the API is on this machine, as a simulator is, storage may be there too', async () => {
  expect(await read(`${storage.url}/r`, `${storage.url}/v5`)).toBe('the report');
  expect(await read(`http://localhost:${port()}/r`, `${storage.url}/v5`)).toBe('the report');
});

test.each([
  'https://127.0.0.1:PORT/r',
  'https://127.1:PORT/r',
  'https://2130706433:PORT/r',
  'https://0x7f000001:PORT/r',
  'https://0.0.0.0:PORT/r',
  'https://[::1]:PORT/r',
  'https://[::ffff:127.0.0.1]:PORT/r',
  'https://169.254.169.254/latest/meta-data/',
  'https://10.0.0.1/r',
  'https://100.64.0.1/r',
  'https://[fd00:ec2::254]/r',
  // A name counts as what it leads to, when the connection is made.
  'https://localhost:PORT/r',
])('%s is not followed for an API that is elsewhere', async (address) => {
  const connected = jest.fn();
  const server = createServer().on('connection', connected).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(read(address.replace('PORT', String(port)), PINTEREST)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: expect.stringMatching(
      /^The download address of the report leads to \S+, which is no public address; it is not followed$/,
    ),
  });
  expect(connected).not.toHaveBeenCalled();
  server.close();
});

test('without https it is not followed if the API has https', async () => {
  await expect(read(`${storage.url}/r`, PINTEREST)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: expect.stringContaining("without https, which Pinterest's API has"),
  });
  expect(requests).toEqual([]);
});

describe('of an API with https on this machine', () => {
  let secure: Server;
  let url: string;
  let location: string;
  beforeAll(async () => {
    const { key, cert } = selfMadeCertificate();
    globalAgent.options.ca = cert;
    secure = createServer({ key, cert }, (request, response) => {
      if (request.url === '/moved') response.writeHead(302, { location }).end();
      else response.end('the secure report');
    }).listen(0, '127.0.0.1');
    await once(secure, 'listening');
    url = `https://127.0.0.1:${(secure.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    delete globalAgent.options.ca;
    secure.close();
    secure.closeAllConnections();
  });

  test('a redirect is followed to https', async () => {
    location = '/r';
    expect(await read(`${url}/moved`, `${url}/v5`)).toBe('the secure report');
  });

  test('a redirect is not followed to where there is none', async () => {
    location = `${storage.url}/r`;
    await expect(read(`${url}/moved`, `${url}/v5`)).rejects.toMatchObject({
      kind: 'ContractViolation',
      message: expect.stringContaining('without https'),
    });
    expect(requests).toEqual([]);
  });
});

test.each([
  ['a redirect to no web address', { location: 'ftp://127.0.0.1/' }, 'is not a web address'],
  ['a redirect to nowhere', { location: 'http://[' }, 'to no web address'],
  ['a redirect without end', { location: '/again' }, 'is redirected more than 5 times'],
])('%s is a contract violation', async (_, headers, words) => {
  answer = (_request, response) => response.writeHead(302, headers).end();
  await expect(read(`${storage.url}/r`, `${storage.url}/v5`)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: expect.stringContaining(words),
  });
  expect(requests.length).toBeLessThanOrEqual(6);
});

test.each([403, 404, 500, 503, 302])('of HTTP %i the page is not quoted', async (status) => {
  answer = (_request, response) => response.writeHead(status).end('an internal secret');
  const { host } = new URL(storage.url);
  await expect(read(`${storage.url}/r`, `${storage.url}/v5`)).rejects.toMatchObject({
    kind: 'ReportLost',
    message:
      `The download of the report from ${host} failed: HTTP ${status}. This is where Pinterest keeps its reports, not ` +
      'its API: a firewall or a proxy may have to let it through.',
    facts: { retried: status >= 500 ? 'a few times' : 'once' },
  });
});

test('an address without end is not followed', async () => {
  await expect(read(`${storage.url}/${'x'.repeat(16_000)}`, `${storage.url}/v5`)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: 'The download address of the report is longer than 16000 characters',
  });
});
