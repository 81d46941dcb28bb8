// Several `npm start` on one store at the same time: they use one Temporal server and one simulator, which go with the last.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { isAlive } from '../../src/start/processes.js';
import { ACCOUNT, specOf, temporalAddress } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { bareEnvironment } from '../support/worker-process.js';

let folder: string;
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ adAccountId: ACCOUNT });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'one-store-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const storePath = () => join(folder, 'store.duckdb');
const tokenFor = () => ({
  PINTEREST_API_URL: simulator.url,
  PINTEREST_ACCESS_TOKEN: simulator.settings.token,
});

/** `npm start` with a dataflow of this name, which reads its own simulator unless the environment has a token. */
const start = async (name: string, environment: Record<string, string> = {}, args: string[] = []) => {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ ...specOf(), name }));
  const child = spawn(process.execPath, ['dist/src/start/main.js', file, ...args], {
    env: { ...bareEnvironment(), STORE_URL: `duckdb:${storePath()}`, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const heard = (bytes: Buffer): void => void (output += bytes.toString());
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return {
    /** Resolves with all output when it has said that, which it must. */
    said: async (words: string): Promise<string> => {
      while (!output.includes(words)) {
        if (child.exitCode !== null) throw new Error(`It ended without "${words}": ${output}`);
        await Promise.race([once(child.stdout, 'data'), ended]);
      }
      return output;
    },
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    ended,
  };
};

const temporalIn = async (): Promise<{ address: string; pid: number }> => {
  return JSON.parse(await readFile(`${join(folder, 'store')}.temporal.db.server.json`, 'utf8')) as {
    address: string;
    pid: number;
  };
};

/** Nothing that was started is up, and no note says so. */
const expectNothingLeft = async (...pids: number[]): Promise<void> => {
  expect(pids.filter(isAlive)).toEqual([]);
  expect((await readdir(folder)).filter((name) => /\.(server|simulator)\.json|\.lock/.test(name))).toEqual(
    [],
  );
};

test('the one that started the Temporal server ends in the middle of the other’s run, which goes on to its end', async () => {
  const first = await start('first', tokenFor(), ['--stay']);
  await first.said('Ctrl-C stops everything');
  const { pid } = await temporalIn();

  simulator.settings.latencyMs = 500;
  const second = await start('second', tokenFor());
  await second.said('API call');
  first.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  simulator.settings.latencyMs = 0;
  expect(isAlive(pid)).toBe(true);

  const { code, output } = await second.ended;
  expect(output).toContain('✔ second: success');
  expect(code).toBe(0);
  await expectNothingLeft(pid);
  for (const name of ['first', 'second'])
    expect(await query(storePath(), `SELECT status FROM ${name}.flow_runs`)).toEqual([{ status: 'success' }]);
});

test('the one that came second ends first, and the server stays for the first', async () => {
  const first = await start('first', tokenFor(), ['--stay']);
  await first.said('Ctrl-C stops everything');
  const second = await start('second', tokenFor());
  expect(await second.ended).toMatchObject({ code: 0, output: expect.stringContaining('✔ second: success') });

  const { address, pid } = await temporalIn();
  await (await Connection.connect({ address })).close();
  first.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  await expectNothingLeft(pid);
});

test('two in the same moment use one Temporal server and one simulator', async () => {
  const both = await Promise.all([start('first'), start('second')]);
  const ends = await Promise.all(both.map(({ ended }) => ended));
  const placesOf = ({ output }: { output: string }) => output.match(/ at http:\S+/g);
  for (const { code, output } of ends) {
    expect(output).toContain(': success');
    expect(code).toBe(0);
  }
  expect(placesOf(ends[0]!)).toHaveLength(2);
  expect(placesOf(ends[0]!)).toEqual(placesOf(ends[1]!));
  await expectNothingLeft();
});

test('what one that was killed has left is used by the next, and stopped', async () => {
  const killed = await start('first', {}, ['--stay']);
  await killed.said('Ctrl-C stops everything');
  const { pid } = await temporalIn();
  killed.kill('SIGKILL');
  await killed.ended;
  expect(isAlive(pid)).toBe(true);

  expect((await (await start('second')).ended).code).toBe(0);
  await expectNothingLeft(pid);
});

test('what it makes is its user’s alone; what is there keeps its mode', async () => {
  await chmod(folder, 0o755);
  const { code } = await (
    await start('first', { STORE_URL: `duckdb:${join(folder, 'data/store.duckdb')}` })
  ).ended;
  expect(code).toBe(0);
  const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);
  const data = join(folder, 'data');
  const made = await readdir(data, { recursive: true, withFileTypes: true });
  for (const name of ['store.duckdb', 'store.temporal.db', 'logs', 'worker.log', 'temporal.log'])
    expect(made.map((entry) => entry.name)).toContain(name);
  for (const entry of made)
    expect([entry.name, await modeOf(join(entry.parentPath, entry.name))]).toEqual([
      entry.name,
      entry.isDirectory() ? '700' : '600',
    ]);
  expect([await modeOf(folder), await modeOf(data)]).toEqual(['755', '700']);
});

test('a worker ends with the program that started it, also if that is killed', async () => {
  const address = { TEMPORAL_ADDRESS: temporalAddress(), STORE_URL: `duckdb:${storePath()}` };
  const worker = spawn(process.execPath, ['dist/src/worker.js'], {
    env: { ...bareEnvironment(), ...tokenFor(), ...address },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const exit = once(worker, 'exit');
  let log = '';
  for await (const bytes of worker.stderr!) {
    log += String(bytes);
    if (log.includes('worker is up')) break;
  }
  worker.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('another API on the same store is refused, with what to do', async () => {
  const first = await start('first', tokenFor(), ['--stay']);
  await first.said('Ctrl-C stops everything');
  const { code, output } = await (await start('second')).ended;
  expect(output).toContain(`is in use with the API ${simulator.url}`);
  expect(output).toContain('set STORE_URL to another place');
  expect(output).not.toMatch(/\n\s+at /);
  expect(code).toBe(1);
  first.kill('SIGINT');
  expect((await first.ended).code).toBe(130);
  await expectNothingLeft();
});

test('ports that the environment names for the simulator and that others have are no reason to fail', async () => {
  const taken = String(simulator.port);
  const environment = { SIMULATOR_PORT: taken, SIMULATOR_EXPERIENCE_PLATFORM_PORT: taken };
  expect(await (await start('first', environment)).ended).toMatchObject({ code: 0 });
});
