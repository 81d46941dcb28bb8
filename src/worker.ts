// The worker: environment → settings → dependencies → Worker, until it is told to stop. `npm run worker`.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { composeWorker } from './compose.js';
import { createLogger, temporalLogger } from './logging.js';
import { InvalidSettings, readSettings } from './settings.js';
import { StoreUnavailable } from './store/store.js';
import { DEFAULT_NAMESPACE, TASK_QUEUE, temporalAddress, TemporalUnreachable } from './temporal.js';

const main = async (): Promise<void> => {
  const settings = readSettings();
  const logger = createLogger(settings.logLevel);
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: ['SIGINT', 'SIGTERM', 'SIGHUP'] });
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = temporalAddress();
  const address = connectionOptions.address ?? 'localhost:7233';
  const connection = await NativeConnection.connect(connectionOptions).catch((error: Error) => {
    throw new TemporalUnreachable(address, error.message);
  });
  const workFolder = await mkdtemp(join(tmpdir(), 'pinterest-ads-'));
  try {
    const worker = await composeWorker({
      settings,
      connection,
      namespace,
      workflowBundle: { codePath: join(import.meta.dirname, '../workflow-bundle.js') },
      workFolder,
    });
    logger.info(
      { temporal: address, namespace, taskQueue: TASK_QUEUE, pinterest: settings.apiUrl },
      'worker is up',
    );
    await worker.run();
  } finally {
    await connection.close();
    await rm(workFolder, { recursive: true, force: true });
  }
};

try {
  await main();
} catch (error) {
  const known = [InvalidSettings, TemporalUnreachable, StoreUnavailable].some(
    (kind) => error instanceof kind,
  );
  process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
