// The worker program as in src/worker.ts, with pauses that suit a test.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { composeWorker } from '../../dist/src/compose.js';
import { createLogger, temporalLogger } from '../../dist/src/logging.js';
import { readSettings } from '../../dist/src/settings.js';

const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = process.env;
const settings = readSettings();
const logger = createLogger(settings.logLevel);
Runtime.install({ logger: temporalLogger(logger), shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect({ address });
const worker = await composeWorker({
  settings,
  connection,
  namespace,
  workflowBundle: { codePath: join(import.meta.dirname, '../../dist/workflow-bundle.js') },
  workFolder: join(tmpdir(), `work-${process.pid}`),
  log: logger,
  reportPollMs: 100,
  retryPauseMs: 50,
  stickyTimeout: '1 second',
});
logger.info('worker is up');
await worker.run();
await connection.close();
