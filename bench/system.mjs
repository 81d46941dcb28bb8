// A whole system of its own for a benchmark: simulator, Temporal server, worker processes that are up, client.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startSimulator } from '../dist/simulator/server.js';
import { DataflowClient } from '../dist/src/client.js';
import { startTemporalServer } from '../dist/src/start/temporal-server.js';

/** Starts the worker program; resolves when it is up. */
const startWorker = async (launch, program, environment) => {
  const [command, ...args] = [...launch, process.execPath, program];
  const worker = spawn(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let log = '';
  await new Promise((up, failed) => {
    worker.once('exit', () => failed(new Error(`The worker ended: ${log}`)));
    worker.stderr.on('data', (bytes) => {
      log = `${log}${bytes}`.slice(-10_000);
      if (log.includes('worker is up')) up();
    });
  });
  return worker;
};

/**
 * @param environment of the workers, beside the addresses of the others
 * @param launch a command that becomes the worker program, which follows as its last arguments
 * @param program the worker's, or one that imports it
 */
export const startSystem = async ({
  simulator: options = {},
  environment = {},
  workers: count = 1,
  launch = [],
  program = join(import.meta.dirname, '../dist/src/worker.js'),
} = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const simulator = await startSimulator(options);
  const temporal = await startTemporalServer({ log: join(folder, 'temporal.log') });
  const storePath = join(folder, 'store.duckdb');
  const workers = [];
  const start = async (changes = {}) => {
    const worker = await startWorker(launch, program, {
      TEMPORAL_ADDRESS: temporal.address,
      PINTEREST_API_URL: simulator.url,
      PINTEREST_ACCESS_TOKEN: simulator.settings.token,
      STORE_URL: `duckdb:${storePath}`,
      ...environment,
      ...changes,
    });
    workers.push(worker);
  };
  const stopWorkers = async () => {
    const ended = workers.splice(0).map((worker) => {
      worker.kill('SIGTERM');
      return once(worker, 'exit');
    });
    await Promise.all(ended);
  };
  await Promise.all(Array.from({ length: count }, () => start()));
  const client = await DataflowClient.connect(temporal.address);
  return {
    simulator,
    temporal,
    workers,
    client,
    storePath,
    /** Requests so far that the API's server counts. */
    calls: () => simulator.log.filter(({ route }) => route !== 'download'),
    /** One more worker, its environment changed like that. */
    startWorker: start,
    stopWorkers,
    stop: async () => {
      await stopWorkers();
      await client.close();
      await temporal.stop();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** All objects of every type. */
export const EVERYTHING = ['campaigns', 'ad_groups', 'ads'].map((type) => ({ type, ids: 'all' }));
