// What a request takes with it, and what it does not wait for: real HTTP on loopback.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import type { Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { Credentials } from '../../src/credentials/credentials.js';
import { LEAST_RATE, type Rate } from '../../src/http/pace.js';
import { fetchAdAccount } from '../../src/pinterest/accounts.js';
import { fetchCataloguePage } from '../../src/pinterest/catalogue.js';
import { createReport, pollReport } from '../../src/pinterest/reports.js';
import { PinterestTransport, type ApiRequest, type Caller } from '../../src/pinterest/transport.js';
import { EXTRACTION } from './extraction.js';
import { listen, type Listening } from './wild-server.js';

const REQUEST: ApiRequest = { kind: 'other', what: 'the ad account', method: 'GET', path: '/x' };

let server: Listening;
let authorizations: (string | undefined)[];
beforeEach(() => (authorizations = []));
afterEach(() => server.close());

const answering = async (
  listener: RequestListener,
  idleTimeoutMs = 10_000,
  leastRate: Rate = LEAST_RATE,
): Promise<PinterestTransport> => {
  server = await listen((request, response) => {
    authorizations.push(request.headers.authorization);
    listener(request, response);
  });
  return new PinterestTransport({ apiUrl: server.url, idleTimeoutMs, leastRate });
};

/** A caller that counts the permits it was given, less those it gave back, and the calls that were counted. */
const callerWith = (token: Caller['token']): Caller & { permits: number; calls: number } => {
  const caller = {
    token,
    permits: 0,
    calls: 0,
    gate: {
      take: async () => {
        caller.permits += 1;
        return { done: () => {}, undo: () => void (caller.permits -= 1) };
      },
      hold: async () => {},
      end: async () => {},
    },
    counter: {
      started: () => {
        caller.calls += 1;
        return () => void (caller.calls -= 1);
      },
      failed: () => {},
    },
  };
  return caller;
};

test.each([200, 204])('an answer of status %i without a body is told so', async (status) => {
  const transport = await answering((_, response) => void response.writeHead(status).end());
  await expect(transport.json(callerWith(aToken), REQUEST)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: `Pinterest's answer to the ad account has no body`,
  });
});

const aToken = async (): Promise<string> => 'a-token';

test('each request carries the token of its moment, and an error does not repeat it', async () => {
  const transport = await answering(({ headers }, response) => {
    response.writeHead(404).end(`You sent ${headers.authorization}`);
  });
  const tokens = ['the-first-token', 'the-second-token'];
  const caller = callerWith(async () => tokens[authorizations.length]!);
  for (const _ of tokens) {
    await expect(transport.json(caller, REQUEST)).rejects.toMatchObject({
      kind: 'Refused',
      message: 'Pinterest refused the ad account (HTTP 404: You sent Bearer ***)',
    });
  }
  expect(authorizations).toEqual(tokens.map((token) => `Bearer ${token}`));
});

test('a body is quoted without the token that it was asked for with, whatever the token is by then', async () => {
  const transport = await answering(({ headers }, response) => response.end(headers.authorization));
  const tokens = ['the-first-token'];
  const answer = await transport.stream(
    callerWith(async () => tokens.pop() ?? 'the-second-token'),
    REQUEST,
  );
  expect(answer.masked((await answer.body.toArray()).join(''))).toBe('Bearer ***');
});

test('a request that reached nobody gives its permit back and is not counted; one that may have arrived does neither', async () => {
  const broken = await answering((request) => request.socket.destroy());
  const caller = callerWith(aToken);
  await expect(broken.json(caller, REQUEST)).rejects.toMatchObject({ kind: 'Transient' });
  expect([caller.permits, caller.calls]).toEqual([1, 1]);
  for (const apiUrl of ['http://127.0.0.1:9', 'http://there-is-no-such-host.invalid']) {
    const transport = new PinterestTransport({ apiUrl, idleTimeoutMs: 10_000 });
    await expect(transport.json(caller, REQUEST)).rejects.toMatchObject({ facts: { unreachable: true } });
  }
  expect([caller.permits, caller.calls]).toEqual([1, 1]);
});

test('without a token nothing leaves, and no permit is spent', async () => {
  const transport = await answering((_request, response) => response.end('{}'));
  const credentials = new Credentials(new Map([['default', { file: '/there/is/no/such/file' }]]));
  const caller = callerWith(() => credentials.token('default', caller));
  await expect(transport.json(caller, REQUEST)).rejects.toThrow(
    'No token is configured for the credential "default" on this worker.',
  );
  expect([authorizations, caller.permits]).toEqual([[], 0]);
});

/** Writes the same piece again and again, as fast as it is taken. */
const endless = (to: Writable, piece: Buffer): void => {
  const more = (): boolean => to.write(piece, (error) => error || to.destroyed || more());
  more();
};
const endlessText: RequestListener = (_request, response) => endless(response, Buffer.alloc(2 ** 20, '"'));
/** A thousand times as much as travels. */
const endlessGzip: RequestListener = (_request, response) => {
  response.setHeader('content-encoding', 'gzip');
  const gzip = createGzip();
  gzip.on('error', () => {}).pipe(response.on('close', () => gzip.destroy()));
  endless(gzip, Buffer.alloc(2 ** 20, ' '));
};

test.each([
  ['text', endlessText],
  ['gzip', endlessGzip],
])('%s without end is left at the bound of its kind, unpacked bytes counted', async (_, listener) => {
  const left: Promise<unknown>[] = [];
  const transport = await answering((request, response) => {
    left.push(once(response, 'close'));
    listener(request, response);
  });
  const caller = callerWith(aToken);
  const bounds: [string, Promise<unknown>][] = [
    ['1 MiB', fetchAdAccount(transport, caller, '7')],
    ['4 MiB', fetchCataloguePage(transport, caller, '7', 'ads', { bookmark: null })],
    ['1 MiB', pollReport(transport, caller, '7', 'r-1', 'the report')],
    ['1 MiB', createReport(transport, caller, EXTRACTION)],
  ];
  for (const [bound, call] of bounds) {
    await expect(call).rejects.toMatchObject({
      kind: 'ContractViolation',
      message: expect.stringContaining(`is longer than ${bound}`),
    });
  }
  await Promise.all(left);
});

test('an error page that unpacks without end is left at its beginning', async () => {
  const transport = await answering((request, response) => {
    response.statusCode = 404;
    endlessGzip(request, response);
  });
  await expect(transport.json(callerWith(aToken), REQUEST)).rejects.toMatchObject({ kind: 'Refused' });
});

test('a body that dawdles is given up, although it never falls silent', async () => {
  const rate = { bytes: 1_000, perMs: 100, graceMs: 0 };
  const transport = await answering(
    (_request, response) => {
      const trickle = setInterval(() => response.write('['), 5);
      response.on('close', () => clearInterval(trickle));
    },
    10_000,
    rate,
  );
  const dawdles = { kind: 'Transient', message: expect.stringContaining('slower than 1 KiB in 0.1 s') };
  await expect(transport.json(callerWith(aToken), REQUEST)).rejects.toMatchObject(dawdles);
  const body = await transport.download(server.url, 'the report');
  await expect(body.toArray()).rejects.toMatchObject(dawdles);
});

test('a body is not slow because its reader is', async () => {
  const rate = { bytes: 300_000, perMs: 100, graceMs: 0 };
  const sent = Buffer.alloc(500_000, 'x');
  const transport = await answering((_request, response) => response.end(sent), 10_000, rate);
  const body = await transport.download(server.url, 'the report');
  const pieces: Buffer[] = [];
  for await (const piece of body as AsyncIterable<Buffer>) {
    pieces.push(piece);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(Buffer.concat(pieces).equals(sent)).toBe(true);
});

test.each([
  ['that never begins', () => {}, 'no answer in 0.2 s'],
  ['that falls silent', (_, response) => response.writeHead(200).write('{'), 'no byte for 0.2 s'],
] satisfies [string, RequestListener, string][])('a response %s is given up', async (_, listener, words) => {
  const transport = await answering(listener, 200);
  await expect(transport.json(callerWith(aToken), REQUEST)).rejects.toMatchObject({
    kind: 'Transient',
    message: expect.stringContaining(words),
  });
});
