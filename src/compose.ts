// Composes a worker out of settings: store, Pinterest, Temporal, activities.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import type { Log, RecoveryPolicy, Metrics } from './activities/dependencies.js';
import { createActivities } from './activities/index.js';
import { countCalls } from './activities/interceptors/count-calls.js';
import { mapFailures } from './activities/interceptors/map-failures.js';
import { onlyInWorkflows } from './activities/interceptors/only-in-workflows.js';
import { Credentials } from './credentials/credentials.js';
import { openVault } from './credentials/open-vault.js';
import { StoredTokens } from './credentials/stored-tokens.js';
import { Upkeep } from './credentials/upkeep.js';
import { deploymentOptions } from './deployment.js';
import { CachedProbe } from './observability/cached-probe.js';
import { accountSnapshots, type Snapshots } from './observability/snapshots.js';
import type { Traces } from './observability/traces.js';
import { Webhook } from './observability/webhook.js';
import { PinterestTransport, UNCOUNTED } from './pinterest/transport.js';
import { Gates, type GateOptions } from './quota/permits/gates.js';
import { quotaAccess, readBudget } from './quota-client.js';
import type { Settings } from './settings.js';
import { registerSearchAttributes } from './search-attributes.js';
import { openDatabase } from './store/open-store.js';
import { storeOn, type Store } from './store/store.js';
import { Targets } from './targets/targets.js';
import { shortTaskQueue, TASK_QUEUE } from './workflows/contract.js';

/** How long a response of Pinterest may stay silent. */
const IDLE_TIMEOUT_MS = 60_000;
const REPORT_POLL_MS = 2_000;
const RETRY_PAUSE_MS = 1_000;
/** Loads side by side: each has its own engine with its own memory. */
const LOADS = 8;
/** Short steps side by side. */
const SHORT_STEPS = 8;
const CACHED_WORKFLOWS = 200;
/** How long a reading for /metrics waits for a store that is held: work waits behind it. */
const WATCHING_PATIENCE_MS = 1_000;

/** Whose calls renewals are that no run asks for; no dataflow can be called so. */
const UPKEEP: GateOptions = { dataflow: '(credentials)', class: 'question' };

const NOT_COUNTED: Metrics = { apiCall: () => {}, chunkLoaded: () => {}, runEnded: () => {} };
const NOT_LOGGED: Log = { info: () => {}, warn: () => {} };

export interface WorkerParts {
  settings: Settings;
  connection: NativeConnection;
  namespace: string;
  /** The bundled workflows. */
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>;
  /** A folder of this process's own, for responses while they are loaded. */
  workFolder: string;
  /** Left out: nothing is counted. */
  metrics?: Metrics;
  /** Left out: there are none. */
  traces?: Traces | undefined;
  log?: Log;
  /** For tests; left out: the store of the settings. */
  store?: Store;
  reportPollMs?: number;
  retryPauseMs?: number;
  recovery?: RecoveryPolicy;
  /** How long stored credentials are left alone between two looks. */
  upkeepMs?: number;
  /** How long Temporal keeps a workflow's next step for a worker that has it in memory and may be gone. */
  stickyTimeout?: WorkerOptions['stickyQueueScheduleToStartTimeout'];
}

export interface ComposedWorker {
  /** Until it is told to stop and what is under way has ended; then it gives back its permits. */
  run(): Promise<void>;
  shutdown(): void;
  /** It polls for work. */
  isReady(): boolean;
  /** What it reads for those who watch, when they ask. */
  snapshots: Snapshots;
  /** Undefined without Worker Versioning. */
  readonly version: WorkerDeploymentVersion | undefined;
}

/** Workers that run and stop as one, also if one of them fails. */
const asOne = (workers: readonly Worker[]): Pick<ComposedWorker, 'run' | 'shutdown' | 'isReady'> => {
  const isRunning = (worker: Worker): boolean => worker.getState() === 'RUNNING';
  const shutdown = (): void => workers.filter(isRunning).forEach((worker) => worker.shutdown());
  return {
    run: async () => {
      const ends = await Promise.allSettled(workers.map((worker) => worker.run().finally(shutdown)));
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    },
    shutdown,
    isReady: () => workers.every(isRunning),
  };
};

export const composeWorker = async (parts: WorkerParts): Promise<ComposedWorker> => {
  const { settings, connection, namespace, metrics = NOT_COUNTED, log = NOT_LOGGED } = parts;
  const { retryPauseMs = RETRY_PAUSE_MS, traces } = parts;
  const cannotRead =
    (what: string) =>
    ({ message }: Error): void =>
      log.info({ reason: message }, `the ${what} cannot be read for /metrics`);
  const clientIn = (name: string): Client =>
    new Client({
      connection,
      namespace: name,
      ...(traces && { interceptors: { workflow: [traces.client] } }),
    });
  const client = clientIn(namespace);
  const notRegistered = await registerSearchAttributes(connection, namespace);
  const searchAttributes = notRegistered === undefined;
  if (!searchAttributes)
    log.info({ reason: notRegistered }, 'runs go without search attributes: they cannot be registered');
  const database = openDatabase(settings.storeUrl);
  const store = parts.store ?? storeOn(database);
  const gates = new Gates({
    limits: settings.quota,
    access: quotaAccess(client, settings.app, TASK_QUEUE, (reason) =>
      log.info({ reason }, 'the quota does not answer'),
    ),
    monotonicNowMs: () => performance.now(),
    newLeaseId: randomUUID,
  });
  const transport = new PinterestTransport({
    apiUrl: settings.apiUrl,
    idleTimeoutMs: IDLE_TIMEOUT_MS,
    ended: (kind, outcome) => metrics.apiCall(kind, outcome),
  });
  const stored = new StoredTokens({
    vault: openVault(settings.storeUrl, settings.credentialsKey, database),
    transport,
    apiUrl: settings.apiUrl,
    app: settings.oauthApp,
    refreshTokens: settings.refreshTokens,
    log,
  });
  const upkeep = new Upkeep(
    stored,
    () => ({ gate: gates.gate(UPKEEP), counter: UNCOUNTED }),
    log,
    parts.upkeepMs,
  );
  const credentials = new Credentials(settings.tokens, stored);
  const activities = createActivities({
    store,
    transport,
    credentials,
    targets: new Targets(settings),
    quota: settings.quota,
    gates,
    metrics,
    log,
    ...(settings.alerts && { alerts: new Webhook(settings.alerts) }),
    temporal: { client: clientIn },
    searchAttributes,
    workFolder: join(parts.workFolder, 'answers'),
    reportPollMs: parts.reportPollMs ?? REPORT_POLL_MS,
    retryPauseMs,
    ...(parts.recovery && { recovery: parts.recovery }),
  });
  const deployment =
    settings.deployment && (await deploymentOptions(settings.deployment, parts.workflowBundle));
  const shared = {
    connection,
    namespace,
    // All of them on either queue: runs that an earlier version began have short steps on the queue of the loads.
    activities,
    interceptors: {
      activity: [
        ...(traces ? [traces.activity] : []),
        onlyInWorkflows,
        countCalls,
        mapFailures({ retryPauseMs, searchAttributes }),
      ],
    },
    // Heartbeats carry what an attempt has spent; a crash may forget what lies between two of them.
    maxHeartbeatThrottleInterval: '1 second',
    defaultHeartbeatThrottleInterval: '1 second',
    shutdownGraceTime: '20 seconds',
    ...(deployment && { workerDeploymentOptions: deployment }),
  } satisfies Partial<WorkerOptions>;
  const loads = await Worker.create({
    ...shared,
    taskQueue: TASK_QUEUE,
    workflowBundle: traces?.workflowBundle ?? parts.workflowBundle,
    ...(traces && { sinks: traces.sinks }),
    maxConcurrentActivityTaskExecutions: LOADS,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    ...(parts.stickyTimeout ? { stickyQueueScheduleToStartTimeout: parts.stickyTimeout } : {}),
  });
  const shortSteps = await Worker.create({
    ...shared,
    taskQueue: shortTaskQueue(TASK_QUEUE),
    maxConcurrentActivityTaskExecutions: SHORT_STEPS,
  });
  const workers = asOne([loads, shortSteps]);
  return {
    ...workers,
    run: async () => {
      const stop = new AbortController();
      await Promise.all([workers.run().finally(() => stop.abort()), upkeep.run(stop.signal)]);
      await stored.settled();
      await gates.close();
    },
    snapshots: {
      app: settings.app,
      budget: new CachedProbe(() => readBudget(client, settings.app, settings.quota), cannotRead('quota')),
      accounts: new CachedProbe(
        accountSnapshots(store, WATCHING_PATIENCE_MS, (dataflow, error) =>
          cannotRead(`dataflow ${dataflow}`)(error),
        ),
        cannotRead('store'),
      ),
      credentials: new CachedProbe(() => credentials.ends(), cannotRead('credentials')),
    },
    version: deployment?.version,
  };
};
