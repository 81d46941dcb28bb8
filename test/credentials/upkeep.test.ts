// Credentials that no run asks for: a worker looks them over, and renews what is due.
import { EventEmitter, once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import type { StoredTokens } from '../../src/credentials/stored-tokens.js';
import { Upkeep } from '../../src/credentials/upkeep.js';
import type { Vault } from '../../src/credentials/vault.js';
import {
  countingCaller,
  exchanges,
  grantOf,
  isAccepted,
  keep,
  newPlace,
  type Place,
  storedTokens,
} from '../support/vaults.js';

const HOUR_MS = 3_600_000;
const FIRST = 'simulator-refresh-token';

let simulator: Simulator;
let place: Place;
let vault: Vault;
let lines: string[];
const told = new EventEmitter();
const log = (facts: object, message: string): void => {
  lines.push(`${message} ${JSON.stringify(facts)}`);
  told.emit('line');
};
const upkeepOf = (stored: StoredTokens, caller = countingCaller(), everyMs?: number): Upkeep =>
  new Upkeep(stored, () => caller, { info: log, warn: log }, everyMs);
const tokenOf = async (name: string): Promise<string> => (await vault.read(name))!.grant!.accessToken;

describe.each(['duckdb', 'postgres'] as const)('beside a store in %s', (kind) => {
  beforeEach(async () => {
    lines = [];
    simulator = await startSimulator();
    place = await newPlace(kind);
    vault = place.open();
  });
  afterEach(async () => {
    await simulator.close();
    await place.close();
  });

  test('what is due is renewed by a permit like any call, and nothing else is asked', async () => {
    const good = grantOf('another-refresh-token', HOUR_MS / 2);
    await keep(vault, { grant: good }, 'good');
    await keep(vault, { grant: grantOf(FIRST, 30_000) }, 'due');
    const caller = countingCaller();
    const upkeep = upkeepOf(storedTokens(simulator, vault), caller);
    for (const _ of [1, 2]) await upkeep.look();
    expect(await isAccepted(simulator, await tokenOf('due'))).toBe(true);
    expect(await tokenOf('good')).toBe(good.accessToken);
    expect([exchanges(simulator), caller.permits]).toEqual([1, 1]);
  });

  test('processes that look at the same moment, while runs ask, renew once', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    const processes = [vault, place.open(), place.open()].map((own) => storedTokens(simulator, own));
    await Promise.all([
      ...processes.map((stored) => upkeepOf(stored).look()),
      ...processes.map((stored) => stored.token('default', countingCaller())),
    ]);
    expect(exchanges(simulator)).toBe(1);
    expect(await isAccepted(simulator, await tokenOf('default'))).toBe(true);
  });

  test('a refused renewal is not asked again, and the others have their turn', async () => {
    await keep(vault, { grant: grantOf('dead') }, 'a-dead-one');
    await keep(vault, { grant: grantOf(FIRST) });
    for (const _ of [1, 2]) {
      const upkeep = upkeepOf(storedTokens(simulator, vault));
      for (const _ of [1, 2]) await upkeep.look();
    }
    expect(exchanges(simulator)).toBe(2);
    expect(await isAccepted(simulator, await tokenOf('default'))).toBe(true);
  });

  test('one whose renewal fails is told of once, rests, and does not keep others from theirs', async () => {
    await keep(vault, { grant: grantOf(FIRST) }, 'a-due-one');
    await keep(vault, { grant: grantOf('dead') }, 'b-dead-one');
    simulator.settings.faults = [{ effect: 'server-error', route: 'token', times: 1 }];
    const upkeep = upkeepOf(storedTokens(simulator, vault));
    for (const _ of [1, 2, 3]) await upkeep.look();
    // Asked and failed, asked and refused.
    expect(exchanges(simulator)).toBe(2);
    expect(lines).toEqual([
      expect.stringMatching(/^credential not renewed yet .*"a-due-one".*Pinterest failed on the renewal/),
    ]);
  });

  test('it looks again and again until it is told to stop', async () => {
    const stop = new AbortController();
    const stored = storedTokens(simulator, vault, { log: { info: log, warn: log } });
    const ended = upkeepOf(stored, countingCaller(), 1).run(stop.signal);
    for (const refreshToken of [FIRST, undefined]) {
      const line = once(told, 'line');
      const before = await vault.read('default');
      const grant = before?.grant ?? grantOf(refreshToken!);
      await keep(vault, { grant: { ...grant, accessTokenExpiresAtMs: Date.now() } });
      await line;
    }
    stop.abort();
    await ended;
    expect(lines.map((line) => line.split(' {')[0])).toEqual(['credential renewed', 'credential renewed']);
  });
});

test('neither a damaged file nor a folder that cannot be read stops it', async () => {
  lines = [];
  simulator = await startSimulator();
  place = await newPlace('duckdb');
  vault = place.open();
  await keep(vault, { grant: grantOf('another') }, 'a-damaged-one');
  await keep(vault, { grant: grantOf(FIRST) });
  const file = join(dirname(place.storeUrl.slice('duckdb:'.length)), 'credentials', 'a-damaged-one.json');
  await writeFile(file, 'damaged');
  await upkeepOf(storedTokens(simulator, vault)).look();
  expect(await isAccepted(simulator, await tokenOf('default'))).toBe(true);
  expect(lines).toEqual([expect.stringContaining(file)]);

  const away: Vault = { ...vault, names: () => Promise.reject(new Error('The folder is away')) };
  const upkeep = upkeepOf(storedTokens(simulator, away));
  for (const _ of [1, 2]) await upkeep.look();
  expect(lines.slice(1)).toEqual(['credential not renewed yet {"reason":"The folder is away"}']);
  await simulator.close();
  await place.close();
});
