// What a request takes with it, and what it does not wait for: real HTTP on loopback.
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { Credentials } from '../../src/credentials/credentials.js';
import { PinterestTransport, type ApiRequest, type Caller } from '../../src/pinterest/transport.js';
import { listen, type Listening } from './wild-server.js';

const REQUEST: ApiRequest = { kind: 'other', what: 'the ad account', method: 'GET', path: '/x' };

let server: Listening;
let authorizations: (string | undefined)[];
beforeEach(() => (authorizations = []));
afterEach(() => server.close());

const answering = async (listener: RequestListener, idleTimeoutMs = 10_000): Promise<PinterestTransport> => {
  server = await listen((request, response) => {
    authorizations.push(request.headers.authorization);
    listener(request, response);
  });
  return new PinterestTransport({ apiUrl: server.url, idleTimeoutMs });
};

/** A caller that counts the permits it was given. */
const callerWith = (token: Caller['token']): Caller & { permits: number } => {
  const caller = {
    token,
    permits: 0,
    gate: {
      take: async () => {
        caller.permits += 1;
        return { done: () => {} };
      },
      hold: async () => {},
      end: async () => {},
    },
    counter: { started: () => {}, failed: () => {} },
  };
  return caller;
};

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

test('without a token nothing leaves, and no permit is spent', async () => {
  const transport = await answering((_request, response) => response.end('{}'));
  const credentials = new Credentials(new Map([['default', { file: '/there/is/no/such/file' }]]));
  const caller = callerWith(() => credentials.token('default'));
  await expect(transport.json(caller, REQUEST)).rejects.toThrow(
    'No token is configured for the credential "default" on this worker.',
  );
  expect([authorizations, caller.permits]).toEqual([[], 0]);
});

test('JSON without end is left, and the error names the bound', async () => {
  let left: Promise<unknown>;
  const transport = await answering((_request, response) => {
    const piece = Buffer.alloc(2 ** 20, '"');
    const more = (): boolean => response.write(piece, () => response.destroyed || more());
    left = once(response, 'close');
    more();
  });
  await expect(transport.json(callerWith(aToken), REQUEST)).rejects.toMatchObject({
    kind: 'ContractViolation',
    message: "Pinterest's answer to the ad account is longer than 64 MiB",
  });
  await left!;
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
