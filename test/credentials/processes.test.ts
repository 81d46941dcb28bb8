// Processes that share a credential: all renew at the same moment, one is killed at each step of it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { freePort } from '../../src/start/ports.js';
import { beginAuthorize, decide } from '../support/authorize.js';
import {
  consented,
  countingCaller,
  exchanges,
  grantOf,
  isAccepted,
  keep,
  newPlace,
  type Place,
  storedTokens,
} from '../support/vaults.js';
import { bareEnvironment } from '../support/worker-process.js';

const FIRST = 'simulator-refresh-token';

let simulator: Simulator;
let place: Place;
let children: ChildProcess[];

interface Process {
  ready: Promise<void>;
  go(): void;
  /** The token that it had; undefined if it was killed. */
  token: Promise<string | undefined>;
}

const begin = (crashAt = ''): Process => {
  const child = spawn(process.execPath, ['test/support/renew.mjs'], {
    env: {
      ...bareEnvironment(),
      API_URL: simulator.url,
      STORE_URL: place.storeUrl,
      KEY: place.key.toString('base64'),
      CRASH_AT: crashAt,
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  const ready = new Promise<void>((resolve) => {
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      if (output.includes('ready')) resolve();
    });
  });
  const token = once(child, 'close').then(() => output.split('\n')[1] || undefined);
  return { ready, go: () => void child.stdin.write('go\n'), token };
};

/** A worker that comes later has a token that is good. */
const tokenOfNext = async (): Promise<string> =>
  storedTokens(simulator, place.open()).token('default', countingCaller());

describe.each(['duckdb', 'postgres'] as const)('beside a store in %s', (kind) => {
  beforeEach(async () => {
    children = [];
    simulator = await startSimulator();
    place = await newPlace(kind);
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await simulator.close();
    await place.close();
  });

  test('processes that renew at the same moment leave one valid pair', async () => {
    await keep(place.open(), { grant: grantOf(FIRST) });
    const processes = Array.from({ length: 4 }, () => begin());
    await Promise.all(processes.map(({ ready }) => ready));
    for (const each of processes) each.go();
    const tokens = await Promise.all(processes.map(({ token }) => token));
    expect(exchanges(simulator)).toBe(1);
    expect(new Set(tokens)).toEqual(new Set([await tokenOfNext()]));
    expect(await isAccepted(simulator, tokens[0]!)).toBe(true);
    // The refresh token that is kept is the one that Pinterest takes next.
    const { grant } = (await place.open().read('default'))!;
    await keep(place.open(), { grant: { ...grant!, accessTokenExpiresAtMs: Date.now() } });
    const next = await tokenOfNext();
    expect([await isAccepted(simulator, next), next === tokens[0]]).toEqual([true, false]);
  });

  test.each(['before the question', 'after all'])('killed %s: nothing is lost', async (point) => {
    await keep(place.open(), { grant: grantOf(FIRST) });
    const killed = begin(point);
    await killed.ready;
    killed.go();
    expect(await killed.token).toBeUndefined();
    expect(await isAccepted(simulator, await tokenOfNext())).toBe(true);
    expect(exchanges(simulator)).toBe(1);
  });

  test.each(['before the question', 'after the answer', 'after the write', 'after all'])(
    'authorize is killed %s: the pair before it is whole or replaced, and consent is given anew',
    async (point) => {
      const before = grantOf('a-dead-refresh-token', 30_000);
      await keep(place.open(), { grant: before });
      const killed = beginAuthorize(simulator, {
        PINTEREST_REDIRECT_URI: `http://localhost:${await freePort()}/`,
        STORE_URL: place.storeUrl,
        CREDENTIALS_KEY: place.key.toString('base64'),
        NODE_OPTIONS: '--import=./test/support/crash-at.mjs',
        CRASH_AT: point,
      });
      children.push(killed.child);
      const end = await fetch(await decide(await killed.address, 'allow')).catch(() => 'no answer');
      expect([end, (await killed.ended).code]).toEqual(['no answer', null]);
      const isKept = point === 'after all' || (kind === 'duckdb' && point === 'after the write');
      const { grant } = (await place.open().read('default'))!;
      expect(grant!.accessToken === before.accessToken).toBe(!isKept);
      expect(await isAccepted(simulator, grant!.accessToken)).toBe(isKept);

      // Nothing that the killed one left is in the way.
      const anew = await consented(simulator);
      await keep(place.open(), { grant: anew });
      expect(await tokenOfNext()).toBe(anew.accessToken);
    },
  );

  // What was answered and not written, nobody has; a file that is written stays, a transaction that did not end does not.
  test.each(['after the answer', 'after the write'])(
    'killed %s: the access token is used to its end, and a person hears of it',
    async (point) => {
      const grant = grantOf(FIRST, 30_000);
      await keep(place.open(), { grant });
      const killed = begin(point);
      await killed.ready;
      killed.go();
      expect(await killed.token).toBeUndefined();
      const isKept = kind === 'duckdb' && point === 'after the write';
      expect((await tokenOfNext()) === grant.accessToken).toBe(!isKept);
      expect(exchanges(simulator)).toBe(isKept ? 1 : 2);
      await tokenOfNext();
      expect(exchanges(simulator)).toBe(isKept ? 1 : 2);
    },
  );
});
