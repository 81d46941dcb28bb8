// The worker: environment → settings → dependencies → Worker, until it is told to stop. `npm run worker`, `npx pinterest-ads worker`.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import type { Logger } from 'pino';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { composeWorker, type ComposedWorker } from './compose.js';
import { failWith } from './exit.js';
import { keepHeapsSmall } from './heap.js';
import { createLogger, temporalLogger } from './logging.js';
import { AddressInUse, addressText, serveMonitoring } from './observability/monitoring-server.js';
import { createMetrics, type Numbers } from './observability/metrics.js';
import { makeFilesPrivate } from './private-files.js';
import { readSettings, type HostPort, type Settings } from './settings.js';
import { DEFAULT_NAMESPACE, temporalAddress, TemporalUnreachable } from './temporal.js';
import { makeWorkFolder } from './work-folder.js';
import { TASK_QUEUE } from './workflows/contract.js';

/** What the monitoring server shows. */
interface Watch {
  numbers: Numbers;
  worker?: ComposedWorker;
}

const installRuntime = (logger: Logger, address: HostPort | undefined): void => {
  const prometheus = address && { bindAddress: addressText(address) };
  try {
    Runtime.install({
      logger: temporalLogger(logger),
      shutdownSignals: ['SIGINT', 'SIGTERM', 'SIGHUP'],
      ...(prometheus && { telemetryOptions: { metrics: { prometheus } } }),
    });
  } catch (error) {
    if (!address) throw error;
    throw new AddressInUse('TEMPORAL_METRICS_ADDRESS', address, error as Error);
  }
};

const work = async (settings: Settings, logger: Logger, watch: Watch): Promise<void> => {
  installRuntime(logger, settings.temporalMetricsAddress);
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = temporalAddress();
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await NativeConnection.connect(connectionOptions).catch((error: Error) => {
    throw new TemporalUnreachable(address, error.message);
  });
  const traces = settings.traces
    ? (await import('./observability/traces.js')).startTraces((message) => logger.warn(message))
    : undefined;
  const workFolder = await makeWorkFolder(tmpdir());
  const { takenBack } = workFolder;
  if (takenBack > 0) logger.info({ folders: takenBack }, 'took back what killed workers had left');
  try {
    watch.worker = await composeWorker({
      settings,
      connection,
      namespace,
      workflowBundle: { codePath: join(import.meta.dirname, '../workflow-bundle.js') },
      workFolder: workFolder.path,
      metrics: watch.numbers,
      traces,
      log: logger,
    });
    logger.info(
      {
        temporal: address,
        namespace,
        taskQueue: TASK_QUEUE,
        pinterest: settings.apiUrl,
        ...watch.worker.version,
      },
      'worker is up',
    );
    await watch.worker.run();
  } finally {
    await connection.close();
    await traces?.stop();
    await workFolder.remove();
  }
};

const HELP = `
Environment:
  PINTEREST_ACCESS_TOKEN   the token of the credential "default" (scope ads:read); others by name: …_ACME_EU
  PINTEREST_QUOTA          API calls that may leave, e.g. 1000/1d (the default) or 1000/1d,60/1m
  STORE_URL                duckdb:PATH (default duckdb:data/pinterest-ads.duckdb) or postgres://…
  TEMPORAL_ADDRESS         the Temporal server (default localhost:7233); also TEMPORAL_NAMESPACE, …
  METRICS_ADDRESS          where to answer /metrics, /health and /ready, e.g. 0.0.0.0:9464
  OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME, … : traces of runs, by OTLP over HTTP
  ALERT_WEBHOOK_URL, ALERT_WEBHOOK_SECRET, PINTEREST_APP, PINTEREST_API_URL, LOG_LEVEL, … : see the README

Secrets also come from files: PINTEREST_ACCESS_TOKEN_FILE, STORE_URL_FILE, ALERT_WEBHOOK_SECRET_FILE.`;

const main = async (): Promise<void> => {
  new Command('pinterest-ads worker')
    .description(
      'Works for dataflows until it is told to stop (SIGTERM or Ctrl-C), then ends what is under way. In the clone also: npm run worker.',
    )
    .addHelpText('after', HELP)
    .parse();
  // Started by another program, it ends with that; the channel to it keeps nothing up.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
  makeFilesPrivate();
  keepHeapsSmall();
  const settings = readSettings();
  const watch: Watch = { numbers: createMetrics(() => watch.worker) };
  const { metricsAddress } = settings;
  const monitoring =
    metricsAddress &&
    (await serveMonitoring(metricsAddress, watch.numbers, () => watch.worker?.isReady() ?? false));
  try {
    await work(settings, createLogger(settings.logLevel), watch);
  } finally {
    monitoring?.close();
  }
};

await main().catch(failWith);
