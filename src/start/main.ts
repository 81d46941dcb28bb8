// `npm start`: the main job on one machine. Starts what is missing, runs the dataflow, shows it, sums it up.
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Listr } from 'listr2';
import { AnotherRunIsOn, DataflowClient, type DataflowRun } from '../client.js';
import { dateOf } from '../dataflow/dates.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import { InvalidSpec } from '../dataflow/invalid-spec.js';
import { parseAnySpec } from '../dataflow/parse-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from '../dataflow/spec.js';
import { InvalidSettings, readSettings, type Settings } from '../settings.js';
import { storeName } from '../store/open-store.js';
import { StoreUnavailable } from '../store/store.js';
import { TemporalUnreachable } from '../temporal.js';
import { readOptions, StartError, type StartOptions } from './options.js';
import {
  prepareDataFolder,
  needsSimulator,
  startSimulator,
  startTemporal,
  startWorker,
  temporalIsConfigured,
  workerEnvironment,
} from './services.js';
import { progressLine } from './progress-line.js';
import { summary } from './summary.js';
import type { TemporalServer } from './temporal-server.js';
import { watch, type Watched } from './follow-run.js';

interface Job {
  options: StartOptions;
  settings: Settings;
  spec: DataflowSpec | ManyAccountsSpec;
  folder: string;
  simulated: boolean;
  temporal?: TemporalServer;
  simulatorUrl?: string;
  client?: DataflowClient;
  run?: DataflowRun;
  watched?: Watched;
  workerGone?: Promise<never>;
  startedAtMs: number;
}

/** What was started, to be stopped in reverse order. */
const toStop: (() => Promise<void>)[] = [];
let stopping: Promise<void> | undefined;
const stopAll = (): Promise<void> =>
  (stopping ??= (async () => {
    for (const stop of toStop.toReversed()) await stop().catch(() => undefined);
  })());

const connect = async (job: Job): Promise<string> => {
  if (!temporalIsConfigured()) {
    const temporal = await startTemporal(job.folder, job.settings.storeUrl);
    job.temporal = temporal;
    toStop.push(() => temporal.stop());
  }
  job.client = await DataflowClient.connect(job.temporal?.address);
  return job.temporal
    ? `Temporal is up, Web UI at ${job.temporal.uiUrl}`
    : 'Temporal, as its environment says';
};

/** The ad accounts that the simulator has; for `all` its own one. */
const simulatedAccounts = (spec: Job['spec']): string[] => {
  if (isOfOneAccount(spec)) return [spec.connection.adAccountId];
  const { adAccountIds } = spec.connection;
  return adAccountIds === 'all' ? [] : adAccountIds;
};

const simulate = async (job: Job): Promise<string> => {
  const { child, url } = await startSimulator(job.folder, simulatedAccounts(job.spec));
  toStop.push(() => child.stop());
  job.simulatorUrl = url;
  return `No PINTEREST_ACCESS_TOKEN is set: a simulator of Pinterest's API with made-up numbers is used, at ${url}`;
};

const startJobWorker = (job: Job): void => {
  const environment = workerEnvironment({ temporal: job.temporal, simulatorUrl: job.simulatorUrl });
  const worker = startWorker(job.folder, environment);
  toStop.push(() => worker.stop());
  job.workerGone = worker.ended.then(() => {
    throw new StartError(`The worker ended; its log ends with:\n${worker.tail()}`);
  });
  job.workerGone.catch(() => undefined); // watched while the run lasts only
};

/** Starts the run; an open one of another spec, left from an earlier start, is let to its end first. */
const startRun = async (
  { client, options }: Job,
  waiting: (workflowId: string) => void,
): Promise<DataflowRun> => {
  for (;;) {
    try {
      return await client!.start(options.spec);
    } catch (error) {
      if (!(error instanceof AnotherRunIsOn)) throw error;
      waiting(error.workflowId);
      // However it ends: it no longer holds the workflow id.
      await client!
        .run(error.workflowId)
        .result()
        .catch(() => undefined);
    }
  }
};

const steps = (job: Job): Listr =>
  new Listr(
    [
      {
        title: 'Temporal',
        task: async (_, task) => {
          task.title = await connect(job);
        },
      },
      {
        title: 'Simulator',
        enabled: job.simulated,
        task: async (_, task) => {
          task.title = await simulate(job);
        },
      },
      {
        title: `Dataflow ${job.spec.name} (${job.options.file})`,
        task: async (_, task) => {
          startJobWorker(job);
          job.run = await startRun(job, (workflowId) => {
            task.output = `waiting for ${workflowId}, an open run with another spec`;
          });
          let last = '';
          job.watched = await watch(
            job.run,
            async () => (await job.client!.budget(job.settings.app))?.callsLeft,
            (progress, callsLeft) => {
              const line = progressLine(progress, callsLeft, Date.now() - job.startedAtMs);
              // Without a terminal a line is printed each time: only when more than the clock has moved on.
              const news = line.replace(/ · [\d:]+$/, '');
              if (process.stdout.isTTY || news !== last) task.output = line;
              last = news;
            },
            job.workerGone!,
          );
        },
        rendererOptions: { persistentOutput: true },
      },
    ],
    {
      fallbackRendererCondition: () => !process.stdout.isTTY,
      fallbackRenderer: 'simple',
      registerSignalListeners: false,
    },
  );

/** The reason a run failed, in its own words. */
const reasonOf = (error: unknown): string => {
  let at: unknown = error instanceof WorkflowFailedError ? error.cause : error;
  while (at instanceof Error && !(at instanceof ApplicationFailure) && at.cause) at = at.cause;
  return at instanceof Error ? at.message : String(at);
};

const look = (job: Job): string => {
  const { temporal, options, run } = job;
  const page = `/namespaces/${job.client!.namespace}/workflows/${encodeURIComponent(run!.workflowId)}`;
  if (options.stay && temporal)
    return `The run in the Web UI: ${temporal.uiUrl}${page}\nCtrl-C stops everything.`;
  if (options.stay) return 'The worker stays up; Ctrl-C stops it.';
  const again = `npm start --${options.file === 'examples/backfill.json' ? '' : ` ${options.file}`} --stay`;
  return temporal
    ? `To look at the run in the Web UI: ${again} (runs it again; a run with nothing stale is short)`
    : `The run in the Web UI of your Temporal server: ${page}`;
};

const report = (job: Job, record: FlowRun): void => {
  const { settings, watched } = job;
  process.stdout.write(
    `${summary(record, {
      dataflow: job.spec.name,
      store: storeName(settings.storeUrl),
      rows: Object.fromEntries(
        job.spec.source.objects.map(({ type }) => [type, watched?.progress?.rows[type] ?? 0]),
      ),
      elapsedMs: Date.now() - job.startedAtMs,
      simulated: job.simulated,
      look: look(job),
    })}\n`,
  );
};

const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2));
  const settings = readSettings();
  const folder = prepareDataFolder(settings.storeUrl);
  const simulated = needsSimulator(settings);
  const credentials = simulated ? ['default'] : [...settings.tokens.keys()];
  const spec = parseAnySpec(options.spec, { credentials, today: dateOf(Date.now()) });
  const job: Job = {
    options,
    settings,
    spec,
    simulated,
    folder,
    startedAtMs: Date.now(),
  };

  await steps(job).run();
  const { record, error } = job.watched!;
  if (!record) throw new StartError(reasonOf(error));
  report(job, record);
  if (options.stay) await new Promise<never>(() => undefined);
  return record.status === 'success' ? 0 : 1;
};

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    process.stdout.write('\nStopping …\n');
    void stopAll().then(() => process.exit(signal === 'SIGINT' ? 130 : 143));
  });
}

let exitCode: number;
try {
  exitCode = await main();
} catch (error) {
  const kinds = [StartError, InvalidSpec, InvalidSettings, StoreUnavailable, TemporalUnreachable];
  const known = kinds.some((kind) => error instanceof kind);
  process.stderr.write(`\n${known ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  exitCode = 1;
}
await stopAll();
process.exit(exitCode);
