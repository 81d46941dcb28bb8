// `npm start`: the main job on one machine. Starts what is missing, runs the dataflow, shows it, sums it up.
import { WorkflowFailedError } from '@temporalio/client';
import { AnotherRunIsOn, DataflowClient, type DataflowRun } from '../client.js';
import { dateOf } from '../dataflow/dates.js';
import { datasetsOf } from '../dataflow/need.js';
import { datasetKey } from '../dataflow/object-types.js';
import { parseAnySpec } from '../dataflow/parse-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from '../dataflow/spec.js';
import { failWith } from '../exit.js';
import { makeFilesPrivate } from '../private-files.js';
import { readSettings, type Settings } from '../settings.js';
import { storeName } from '../store/open-store.js';
import { writeReport } from '../write-report.js';
import { arrivedIn } from './arrived.js';
import type { Child } from './child.js';
import { prepareDataFolder } from './data-folder.js';
import { Display } from './display.js';
import { followRun, type RunEnd } from './follow-run.js';
import { duration } from './format.js';
import { commandOf, readOptions, type StartOptions } from './options.js';
import { progressFacts } from './progress-facts.js';
import {
  credentialNames,
  simulatedTargets,
  startTemporal,
  startWorker,
  temporalIsConfigured,
  workerEnvironment,
} from './services.js';
import { startSimulator } from './simulator.js';
import { StartError } from './start-error.js';
import { Started } from './started.js';
import { failure, summary } from './summary.js';

const display = new Display(process.stdout);
const started = new Started();
/** The command that goes on with the run, while one is open. */
let goesOnBy: string | undefined;

/** The ad accounts that the simulator has; for `all` its own one. */
const simulatedAccounts = (spec: DataflowSpec | ManyAccountsSpec): string[] => {
  if (isOfOneAccount(spec)) return [spec.connection.adAccountId];
  const { adAccountIds } = spec.connection;
  return adAccountIds === 'all' ? [] : adAccountIds;
};

/**
 * Starts the run; an open one of another spec, left from an earlier start, is let to its end first.
 * @param letEnd follows that one
 */
const startRun = async (
  client: DataflowClient,
  spec: unknown,
  letEnd: (open: DataflowRun, why: string) => Promise<unknown>,
): Promise<DataflowRun> => {
  for (;;) {
    try {
      return await client.start(spec);
    } catch (error) {
      if (!(error instanceof AnotherRunIsOn)) throw error;
      const why = `waiting for ${error.workflowId}, an open run with another spec`;
      display.pass(why);
      // However it ends: it no longer holds the workflow id.
      await letEnd(client.run(error.workflowId), why);
    }
  }
};

/** Rejects when the worker ends: nothing goes on then. */
const whenGone = async (worker: Child): Promise<never> => {
  const how = await worker.ended;
  throw new StartError(`The worker ${how}; its log ends with:\n${worker.tail()}`);
};

/** Starts the run and follows it to its end. */
const runToItsEnd = async (
  client: DataflowClient,
  { spec }: StartOptions,
  { app }: Settings,
  workerGone: Promise<never>,
  begunAtMs: number,
): Promise<RunEnd & { workflowId: string }> => {
  const follow = (run: DataflowRun, why?: string): Promise<RunEnd> =>
    followRun(
      run,
      async () => (await client.budget(app))?.callsLeft,
      (progress, callsLeft) => {
        if (started.isStopping) return;
        const facts = progressFacts(progress, callsLeft);
        display.pass(why ? `${why}: ${facts}` : facts, duration(Date.now() - begunAtMs));
      },
      workerGone,
    );
  const run = await startRun(client, spec, follow);
  return { ...(await follow(run)), workflowId: run.workflowId };
};

/** How to look at the run in the Web UI. */
const lookAt = (
  workflowId: string,
  { namespace }: DataflowClient,
  temporal: { address: string; uiUrl: string } | undefined,
  options: StartOptions,
): string => {
  const page = `/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
  if (options.stay)
    return temporal
      ? [
          `The run in the Web UI: ${temporal.uiUrl}${page}`,
          `From another terminal: TEMPORAL_ADDRESS=${temporal.address} npx pinterest-ads list`,
          'Ctrl-C stops everything.',
        ].join('\n')
      : `The run in the Web UI of your Temporal server: ${page}\nThe worker stays up; Ctrl-C stops it.`;
  return temporal
    ? `To look at the run in the Web UI: ${commandOf({ ...options, stay: true })}\n(runs it again; a run with nothing stale is short)`
    : `The run in the Web UI of your Temporal server: ${page}`;
};

/** The report's file. A run is as good as it is without one. */
const reportOf = async (dataflow: string, settings: Settings): Promise<string> => {
  try {
    return (await writeReport(dataflow, settings)).file;
  } catch (error) {
    return `none: ${(error as Error).message}`;
  }
};

/** @returns the exit code */
const main = async (): Promise<number> => {
  const options = readOptions(process.argv.slice(2));
  makeFilesPrivate();
  const settings = readSettings();
  const folder = prepareDataFolder(settings.storeUrl);
  const names = await credentialNames(settings);
  const simulated = names.length === 0;
  const credentials = simulated ? ['default'] : names;
  const spec = parseAnySpec(options.spec, { credentials, today: dateOf(Date.now()) });
  const targets = simulatedTargets(settings, spec);
  const begunAtMs = Date.now();

  display.pass(temporalIsConfigured() ? 'Connecting to Temporal' : 'Starting Temporal');
  const simulators =
    simulated || targets.length > 0
      ? await started.start(() => startSimulator(folder, settings.storeUrl, simulatedAccounts(spec)))
      : undefined;
  const simulatorUrl = simulated ? simulators?.url : undefined;
  const platformUrl = targets.length > 0 ? simulators?.platformUrl : undefined;
  const temporal = temporalIsConfigured()
    ? undefined
    : await started.start(() => startTemporal(folder, settings.storeUrl, simulatorUrl ?? settings.apiUrl));
  const traces = settings.traces
    ? (await import('../observability/traces.js')).startTraces((message) => display.say(message))
    : undefined;
  if (traces) await started.start(() => traces);
  const client = await DataflowClient.connect(temporal?.address, traces ? [traces.client] : []);
  display.say(
    temporal
      ? `✔ Temporal is up at ${temporal.address}, Web UI at ${temporal.uiUrl}`
      : '✔ Temporal, as its environment says',
  );

  if (simulatorUrl)
    display.say(
      `✔ No PINTEREST_ACCESS_TOKEN is set: a simulator of Pinterest's API\n  with made-up numbers is used, at ${simulatorUrl}`,
    );
  if (platformUrl)
    display.say(
      `✔ No EXPERIENCE_PLATFORM_CLIENT_ID is set: a simulator of Adobe Experience\n  Platform is delivered to, at ${platformUrl}`,
    );

  const environment = workerEnvironment({ temporal, simulatorUrl, platformUrl });
  const workerGone = whenGone(await started.start(() => startWorker(folder, environment)));
  workerGone.catch(() => undefined); // it may end when nobody waits for it
  display.say(`Dataflow ${spec.name} (${options.file})`);
  goesOnBy = commandOf(options);
  const { ended, progress, workflowId } = await runToItsEnd(client, options, settings, workerGone, begunAtMs);
  goesOnBy = undefined;
  display.keep();

  const elapsedMs = Date.now() - begunAtMs;
  const look = lookAt(workflowId, client, temporal, options);
  if (ended instanceof WorkflowFailedError) {
    process.stderr.write(`\n${failure(ended, spec.name, elapsedMs)}\n`);
    if (options.stay) display.say(`\n${look}`);
  } else {
    const keys = datasetsOf(spec).map(datasetKey);
    const rows = Object.fromEntries(keys.map((key) => [key, progress?.rows[key] ?? 0]));
    const store = storeName(settings.storeUrl);
    const arrived = platformUrl
      ? (await Promise.all(targets.map((target) => arrivedIn(platformUrl, target)))).flat()
      : [];
    const report = await reportOf(spec.name, settings);
    display.say(
      summary(ended, { dataflow: spec.name, store, rows, elapsedMs, simulated, report, arrived, look }),
    );
  }
  if (options.stay) await workerGone;
  return !(ended instanceof WorkflowFailedError) && ended.status === 'success' ? 0 : 1;
};

for (const [signal, exitCode] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    if (started.isStopping) return;
    display.keep();
    display.say('Stopping …');
    void started.stop().then(() => {
      display.say(goesOnBy ? `stopped; the next ${goesOnBy} goes on` : 'stopped');
      process.exit(exitCode);
    });
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  // While everything is being stopped, whatever misses it is no news.
  if (!started.isStopping) {
    display.keep();
    failWith(error);
  }
}
if (!started.isStopping) {
  await started.stop();
  process.exit();
}
