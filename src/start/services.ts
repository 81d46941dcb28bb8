// What a run on one machine needs and is not there yet: Temporal, and a worker.
import { join } from 'node:path';
import { openVault } from '../credentials/open-vault.js';
import type { DataflowSpec, ExperiencePlatformTarget } from '../dataflow/spec.js';
import type { Settings } from '../settings.js';
import { storeName } from '../store/open-store.js';
import { startChild, type Child } from './child.js';
import { nameOf } from './data-folder.js';
import { shareProgram, type Shared } from './shared-program.js';
import { answers, startTemporalServer } from './temporal-server.js';

/** `dist/`, where the programs to start are. */
const dist = join(import.meta.dirname, '../..');

/** Temporal's own settings name a server: it is used, never replaced. */
export const temporalIsConfigured = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE'].some((name) => Boolean(environment[name]));

/** The port that Temporal's tools look at first. */
const TEMPORAL_PORT = 7233;

/** How long a server that others use may take to answer. */
const ANSWER_MS = 10_000;

interface Temporal {
  pid: number;
  address: string;
  uiUrl: string;
  /** What the workers on it read. */
  apiUrl: string;
}

/**
 * Each store has a Temporal state of its own: a worker must not take up the runs of another store, nor those of another
 * API.
 * @param apiUrl Pinterest's API, or its simulator
 */
export const startTemporal = (
  folder: string,
  storeUrl: string,
  apiUrl: string,
): Promise<Shared<Temporal>> => {
  const stateFile = join(folder, `${nameOf(storeUrl)}.temporal.db`);
  return shareProgram<Temporal>({
    note: `${stateFile}.server.json`,
    begin: async () => {
      const log = join(folder, 'logs/temporal.log');
      return { ...(await startTemporalServer({ stateFile, log, preferredPort: TEMPORAL_PORT })), apiUrl };
    },
    isUp: ({ address }) => answers(address, ANSWER_MS),
    misfit: (running) =>
      running.apiUrl === apiUrl
        ? undefined
        : `The store ${storeName(storeUrl)} is in use with the API ${running.apiUrl}, and this start would read ${apiUrl}.`,
  });
};

export const startWorker = (folder: string, environment: NodeJS.ProcessEnv): Child =>
  startChild(process.execPath, [join(dist, 'src/worker.js')], {
    log: join(folder, 'logs/worker.log'),
    env: environment,
    endsWithUs: true,
  });

/** The token that the simulator takes. */
export const SIMULATOR_TOKEN = 'simulator-token';

/** The client that the simulated platform knows. */
const simulatedPlatform = (url: string): NodeJS.ProcessEnv => ({
  EXPERIENCE_PLATFORM_CLIENT_ID: 'simulator-client',
  EXPERIENCE_PLATFORM_CLIENT_SECRET: 'simulator-client-secret',
  EXPERIENCE_PLATFORM_CLIENT_SECRET_FILE: '',
  EXPERIENCE_PLATFORM_ORG: '53A1B2C3D4E5F60718293A4B@AdobeOrg',
  EXPERIENCE_PLATFORM_SCOPES: 'openid,AdobeID,read_organizations',
  EXPERIENCE_PLATFORM_URL: url,
  EXPERIENCE_PLATFORM_IMS_URL: url,
});

/** The worker's environment: this one's, with what was started here. */
export const workerEnvironment = (started: {
  temporal?: { address: string } | undefined;
  simulatorUrl?: string | undefined;
  platformUrl?: string | undefined;
}): NodeJS.ProcessEnv => ({
  ...process.env,
  // On the server that was started here nobody makes a version the current one.
  ...(started.temporal
    ? { TEMPORAL_ADDRESS: started.temporal.address, WORKER_DEPLOYMENT_NAME: '', WORKER_BUILD_ID: '' }
    : {}),
  ...(started.simulatorUrl
    ? { PINTEREST_API_URL: started.simulatorUrl, PINTEREST_ACCESS_TOKEN: SIMULATOR_TOKEN }
    : {}),
  ...(started.platformUrl ? simulatedPlatform(started.platformUrl) : {}),
});

/** Its targets there, if nobody says with which client to deliver to them. */
export const simulatedTargets = (
  { experiencePlatform }: Settings,
  { targets }: Pick<DataflowSpec, 'targets'>,
): ExperiencePlatformTarget[] =>
  experiencePlatform.missing.includes('EXPERIENCE_PLATFORM_CLIENT_ID')
    ? targets.filter((target) => target.kind === 'experience-platform')
    : [];

/** Names that a token is configured or stored for. None at all means that there is nothing to ask Pinterest with. */
export const credentialNames = async (settings: Settings): Promise<string[]> => {
  const { tokens, refreshTokens, storeUrl, credentialsKey } = settings;
  const stored = await openVault(storeUrl, credentialsKey).names();
  return [...new Set([...tokens.keys(), ...refreshTokens.keys(), ...stored])];
};
