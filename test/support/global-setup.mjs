// One Temporal server for the whole test run; test files keep apart by task queue or namespace.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startTemporalServer } from '../../dist/src/start/temporal-server.js';

export default async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'pinterest-ads-tests-'));
  globalThis.temporalServer = await startTemporalServer({
    log: join(folder, 'temporal.log'),
    // For tests that use the one task queue of the worker program.
    namespaces: [
      'crash',
      'crash-points',
      'shutdown',
      'overlap',
      'command-line',
      'secrets',
      'monitoring',
      'zombies',
    ],
  });
  process.env.TEST_TEMPORAL_ADDRESS = globalThis.temporalServer.address;
}
