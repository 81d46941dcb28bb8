// What a run on one machine needs and is not there yet: Temporal, the simulator, a worker.
import { accessSync, constants } from 'node:fs';
import { dirname, join, parse, resolve } from 'node:path';
import type { Settings } from '../settings.js';
import { makeFolder } from '../store/folder.js';
import { duckdbPath, openStore, storeName } from '../store/open-store.js';
import { StoreUnavailable } from '../store/store.js';
import { startChild, type Child } from './child.js';
import { StartError } from './start-error.js';
import { startTemporalServer, type TemporalServer } from './temporal-server.js';

/** `dist/`, where the programs to start are. */
const dist = join(import.meta.dirname, '../..');

/** Where Temporal's state and the logs are: beside the store if that is a file. */
const dataFolder = (storeUrl: string): string =>
  storeUrl.startsWith('duckdb:') ? dirname(duckdbPath(storeUrl)) : resolve('data');

/** @throws StoreUnavailable if no store can be at this address */
export const prepareDataFolder = (storeUrl: string): string => {
  openStore(storeUrl);
  const folder = dataFolder(storeUrl);
  try {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    throw new StoreUnavailable(
      `The folder of the store, ${folder}, cannot be written to (${code ?? message}). Check its permissions, or set STORE_URL to another place.`,
      false,
    );
  }
  return folder;
};

/** Temporal's own settings name a server: it is used, never replaced. */
export const temporalIsConfigured = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => Boolean(environment[name]));

/** The port that Temporal's tools look at first. */
const TEMPORAL_PORT = 7233;

/** Each store has a Temporal state of its own: a worker must not take up the runs of another store. */
export const startTemporal = (folder: string, storeUrl: string): Promise<TemporalServer> => {
  const name = storeUrl.startsWith('duckdb:')
    ? parse(duckdbPath(storeUrl)).name
    : storeName(storeUrl).replace(/[^\w.]+/g, '-');
  return startTemporalServer({
    stateFile: join(folder, `${name}.temporal.db`),
    log: join(folder, 'logs/temporal.log'),
    preferredPort: TEMPORAL_PORT,
  });
};

export interface Simulator {
  url: string;
  stop(): Promise<void>;
}

export const startSimulator = async (folder: string, adAccountIds: readonly string[]): Promise<Simulator> => {
  const log = join(folder, 'logs/simulator.log');
  const named = adAccountIds.length > 0 ? ['--ad-account-id', adAccountIds.join(',')] : [];
  const args = [join(dist, 'simulator/main.js'), ...named];
  const child = startChild(process.execPath, args, { log, node: true });
  try {
    const { url } = JSON.parse(await child.firstLine()) as { url: string };
    return { url, stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw new StartError(`The simulator did not start; its log, ${log}, ends with:\n${child.tail()}`, {
      cause: error,
    });
  }
};

export const startWorker = (folder: string, environment: NodeJS.ProcessEnv): Child =>
  startChild(process.execPath, [join(dist, 'src/worker.js')], {
    log: join(folder, 'logs/worker.log'),
    env: environment,
    node: true,
  });

/** The token that the simulator takes. */
export const SIMULATOR_TOKEN = 'simulator-token';

/** The worker's environment: this one's, with what was started here. */
export const workerEnvironment = (started: {
  temporal?: TemporalServer | undefined;
  simulatorUrl?: string | undefined;
}): NodeJS.ProcessEnv => ({
  ...process.env,
  // On the server that was started here nobody makes a version the current one.
  ...(started.temporal
    ? { TEMPORAL_ADDRESS: started.temporal.address, WORKER_DEPLOYMENT_NAME: '', WORKER_BUILD_ID: '' }
    : {}),
  ...(started.simulatorUrl
    ? { PINTEREST_API_URL: started.simulatorUrl, PINTEREST_ACCESS_TOKEN: SIMULATOR_TOKEN }
    : {}),
});

/** No token at all means that there is nothing to ask Pinterest with. */
export const needsSimulator = (settings: Settings): boolean => settings.tokens.size === 0;
