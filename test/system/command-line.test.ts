// `npm start` as a person meets it: its help, its answers to bad input, its exit code.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { DATAFLOW, TASK_QUEUE } from '../../src/workflows/contract.js';
import { ACCOUNT, newNamespace, temporalAddress } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { bareEnvironment } from '../support/worker-process.js';

const GOOD = {
  name: 'acme-ads',
  connection: { adAccountId: ACCOUNT },
  source: { objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 5 },
};

let folder: string;
let simulator: Simulator;
let temporal: Connection;
let namespace: string;
beforeAll(async () => {
  simulator = await startSimulator({ adAccountId: ACCOUNT });
  temporal = await Connection.connect({ address: temporalAddress() });
});
afterAll(async () => {
  await temporal.close();
  await simulator.close();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'command-line-'));
  namespace = await newNamespace(temporal);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** @param hear what it has said so far, each time it says something; and how to send it a signal */
const start = async (
  spec: unknown,
  environment: Record<string, string> = {},
  args: string[] = [],
  hear = (_output: string, _kill: (signal: NodeJS.Signals) => void): void => undefined,
) => {
  const file = join(folder, 'spec.json');
  await writeFile(file, typeof spec === 'string' ? spec : JSON.stringify(spec));
  const child = spawn(process.execPath, ['dist/src/start/main.js', file, ...args], {
    env: {
      ...bareEnvironment(),
      TEMPORAL_ADDRESS: temporalAddress(),
      TEMPORAL_NAMESPACE: namespace,
      PINTEREST_API_URL: simulator.url,
      PINTEREST_ACCESS_TOKEN: simulator.settings.token,
      STORE_URL: `duckdb:${join(folder, 'store.duckdb')}`,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      output += bytes.toString();
      hear(output, (signal) => child.kill(signal));
    });
  const [code] = (await once(child, 'close')) as [number];
  return { code, output };
};

describe('a run that succeeds', () => {
  let path: string;
  let ended: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'command-line-'));
    folder = path;
    ended = await start(GOOD);
  });
  afterAll(() => rm(path, { recursive: true, force: true }));

  test('ends with a summary and exit code 0', () => {
    expect(ended.output).toContain('✔ acme-ads: success');
    expect(ended.output).toContain('acme_ads.campaign_analytics');
    expect(ended.output).toContain(join(path, 'store.duckdb'));
    expect(ended.code).toBe(0);
  });

  test('names the file of its report, which is of this dataflow', async () => {
    const file = join(path, 'acme-ads-report.html');
    expect(ended.output).toContain(`Report         ${file}\n`);
    expect(await readFile(file, 'utf8')).toContain('<h1>acme-ads</h1>');
  });

  test('writes a line of progress only if more than the clock has moved, outside a terminal', () => {
    const lines = ended.output.split('\n');
    const facts = lines.flatMap((line) => /^(.*API calls?.*) · \d+:\d\d$/.exec(line)?.[1] ?? []);
    expect(facts.length).toBeGreaterThan(1);
    expect(facts.filter((line, i) => line === facts[i - 1])).toEqual([]);
  });

  test('suggests a query that can be copied out of 80 columns, and runs', async () => {
    const lines = /A query to try:\n\n(.*?;)\n/s.exec(ended.output)![1]!.split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(await query(join(path, 'store.duckdb'), lines.join(' '))).toHaveLength(5);
  });
});

test('--stay also stays when the run fails, and says where to look', async () => {
  let said = '';
  const environment = { PINTEREST_ACCESS_TOKEN: 'wrong-secret' };
  const { code, output } = await start(GOOD, environment, ['--stay'], (output, kill) => {
    said = output;
    if (output.includes('Ctrl-C stops it')) kill('SIGINT');
  });
  expect(said).toContain(`/namespaces/${namespace}/workflows/acme-ads`);
  expect(output).toContain('✖ acme-ads: failed');
  expect(output).not.toContain('✔ acme-ads');
  expect(code).toBe(130);
});

test('--stay does not stay without a worker, and says how that ended', async () => {
  /** A poller is named by its process: `123@host`. */
  const killWorker = async (): Promise<void> => {
    const { pollers } = await temporal.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: TASK_QUEUE },
    });
    process.kill(Number(pollers?.[0]?.identity?.split('@')[0]), 'SIGKILL');
  };
  let killed: Promise<void> | undefined;
  const { code, output } = await start(GOOD, {}, ['--stay'], (said, kill) => {
    if (said.includes('Ctrl-C stops it')) killed ??= killWorker().catch(() => kill('SIGINT'));
  });
  await killed;
  expect(output).toContain('The worker was killed (SIGKILL), perhaps because the machine had no memory left');
  expect(code).toBe(1);
});

test('Ctrl-C in the middle of a run says that the next start goes on, and it does', async () => {
  const spec = { ...GOOD, name: 'stopped-ads' };
  simulator.settings.latencyMs = 300;
  const stopped = await start(spec, {}, [], (output, kill) => {
    if (output.includes('API call')) kill('SIGINT');
  });
  simulator.settings.latencyMs = 0;
  expect(stopped.output).toMatch(/stopped; the next npm start -- .*spec\.json goes on\n$/);
  expect(stopped.output).not.toContain('The worker ended');
  expect(stopped.code).toBe(130);

  // Where its report would be, a folder is: the run is as good without one.
  await mkdir(join(folder, 'stopped-ads-report.html'));
  const { code, output } = await start(spec);
  expect(output).toContain('✔ stopped-ads: success');
  expect(output).toContain('Report         none: The report cannot be written to');
  expect(code).toBe(0);
  // One run: the second start joined the one that the first had begun.
  const runs = await query(join(folder, 'store.duckdb'), 'SELECT workflow_id FROM stopped_ads.flow_runs');
  expect(runs).toEqual([{ workflow_id: 'stopped-ads' }]);
});

test('a changed spec waits for the open run of the old one, and shows how far that is', async () => {
  const client = new Client({ connection: temporal, namespace });
  // A report takes a while.
  const before = { ...GOOD, source: { objects: GOOD.source.objects } };
  await client.workflow.start(DATAFLOW, { taskQueue: TASK_QUEUE, workflowId: 'acme-ads', args: [before] });
  const { output, code } = await start(GOOD);
  expect(output).toMatch(
    /waiting for acme-ads, an open run with another spec: (loading|planning|preparing|reading)/,
  );
  expect(output).toContain('acme-ads: success');
  expect(code).toBe(0);
});

test('--help says what it does, which variables it reads, and gives examples', async () => {
  const { code, output } = await start(GOOD, {}, ['--help']);
  for (const word of ['PINTEREST_ACCESS_TOKEN', 'STORE_URL', '--stay', 'npm start -- my-dataflow.json']) {
    expect(output).toContain(word);
  }
  expect(code).toBe(0);
});

const refusals: [string, unknown, Record<string, string>, string[]][] = [
  ['a spec that is not JSON', '{\n  "name": "a",\n}', {}, ['is not JSON: line 3, column 1: ', "but got '}'"]],
  ['half a spec', '{"name":', {}, ['is not JSON: line 1, column 9: ']],
  ['a bad spec', { ...GOOD, sorce: 1, name: 'A' }, {}, ['sorce', 'Did you mean "source"?', '  name: ']],
  [
    'a credential nobody has',
    { ...GOOD, connection: { adAccountId: ACCOUNT, credential: 'eu' } },
    {},
    ['connection.credential', 'PINTEREST_ACCESS_TOKEN_EU'],
  ],
  [
    'a refused token',
    GOOD,
    { PINTEREST_ACCESS_TOKEN: 'wrong-secret' },
    ['refused the access token', 'Get a new token'],
  ],
  [
    'an unknown account',
    { ...GOOD, connection: { adAccountId: '42' } },
    {},
    ['ad account 42', 'connection.adAccountId'],
  ],
  [
    'an API that cannot be reached',
    GOOD,
    { PINTEREST_API_URL: 'http://127.0.0.1:9/v5' },
    ['127.0.0.1:9', 'PINTEREST_API_URL'],
  ],
  [
    'a Temporal server that cannot be reached',
    GOOD,
    { TEMPORAL_ADDRESS: '127.0.0.1:9' },
    ['127.0.0.1:9', 'TEMPORAL_ADDRESS'],
  ],
  [
    'a store that cannot be written',
    GOOD,
    { STORE_URL: 'duckdb:/proc/none/store.duckdb' },
    ['/proc/none', 'STORE_URL'],
  ],
  [
    'settings that make no sense',
    GOOD,
    { PINTEREST_QUOTA: 'many', LOG_LEVEL: 'loud' },
    ['PINTEREST_QUOTA: "many"', 'LOG_LEVEL: "loud"'],
  ],
];

test.each(refusals)(
  '%s gets one message with the way out, and exit code 1',
  async (_, spec, environment, words) => {
    const { code, output } = await start(spec, environment);
    for (const word of words) expect(output).toContain(word);
    expect(output).not.toMatch(/\n\s+at /);
    expect(output).not.toContain('wrong-secret');
    expect(code).toBe(1);
  },
);

test('a store held by another process is waited for from the first step on, its holder named', async () => {
  const path = join(folder, 'store.duckdb');
  const script = `const d=require('@duckdb/node-api');d.DuckDBInstance.create(${JSON.stringify(path)}).then(i=>{globalThis.held=i;console.log('held')});setInterval(()=>0,1e6)`;
  const holder: ChildProcess = spawn(process.execPath, ['-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(holder.stdout!, 'data');
  try {
    const named = new RegExp(`waiting until .*${path} is held by process ${holder.pid}.*waited 1\\d s`);
    const { code, output } = await start(GOOD, {}, [], (said) => {
      if (named.test(said)) holder.kill();
    });
    expect(output).toMatch(named);
    expect(output).toContain('acme-ads: success');
    expect(code).toBe(0);
  } finally {
    holder.kill();
  }
  expect(await query(path, 'SELECT status FROM acme_ads.flow_runs')).toEqual([{ status: 'success' }]);
});

const output = (program: string, args: string[], environment: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    env: { PATH: process.env['PATH'], ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('the worker has a --help that starts nothing', () => {
  const { status, stdout, stderr } = output('dist/src/worker.js', ['--help']);
  for (const word of ['npm run worker', 'PINTEREST_ACCESS_TOKEN', 'TEMPORAL_ADDRESS'])
    expect(stdout).toContain(word);
  expect([status, stderr]).toEqual([0, '']);
});

test.each(['SIMULATOR_PORT', 'SIMULATOR_EXPERIENCE_PLATFORM_PORT'])(
  'a port of %s that the simulator cannot have is told in one line',
  (variable) => {
    const environment = { [variable]: String(simulator.port) };
    const { status, stderr } = output('dist/simulator/main.js', [], environment);
    expect(stderr).toBe(
      `Cannot listen on 127.0.0.1:${simulator.port} (EADDRINUSE). Set ${variable} to a port that is free, or to 0 for any.\n`,
    );
    expect(status).toBe(1);
  },
);
