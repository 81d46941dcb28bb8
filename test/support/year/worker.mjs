// The worker program as in src/worker.ts, with pauses that suit a test, and with a clock that goes with the server's.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { composeWorker } from '../../../dist/src/compose.js';
import { createLogger, temporalLogger } from '../../../dist/src/logging.js';
import { readSettings } from '../../../dist/src/settings.js';
import { makeWorkFolder } from '../../../dist/src/work-folder.js';

const LOOK_AGAIN_MS = 20;
const RealDate = Date;
const realPassed = performance.now.bind(performance);
let aheadMs = 0;
let readAtMs = -Infinity;
const ahead = () => {
  if (realPassed() - readAtMs > LOOK_AGAIN_MS) {
    aheadMs = Number(readFileSync(process.env.CLOCK_FILE, 'utf8')) || aheadMs;
    readAtMs = realPassed();
  }
  return aheadMs;
};
// Every clock at once: the SDK takes a deadline of `Date.now` for one of `new Date`, and a permit lives on the monotonic clock.
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length > 0 ? given : [RealDate.now() + ahead()]));
  }
  static now() {
    return RealDate.now() + ahead();
  }
};
performance.now = () => realPassed() + ahead();

const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = process.env;
const settings = readSettings();
const logger = createLogger(settings.logLevel);
Runtime.install({ logger: temporalLogger(logger), shutdownSignals: ['SIGTERM'] });
const connection = await NativeConnection.connect({ address });
const workFolder = await makeWorkFolder(tmpdir());
const worker = await composeWorker({
  settings,
  connection,
  namespace,
  workflowBundle: { codePath: join(import.meta.dirname, '../../../dist/workflow-bundle.js') },
  workFolder: workFolder.path,
  log: logger,
  reportPollMs: 50,
  retryPauseMs: 50,
  recovery: { pauseMs: 1_000, patienceMs: 600_000 },
});
logger.info('worker is up');
await worker.run();
await connection.close();
await workFolder.remove();
