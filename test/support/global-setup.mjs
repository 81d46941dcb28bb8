// What all tests of a run share: one Temporal server and one PostgreSQL server, where each test has a namespace and a
// database of its own, and one folder for whatever is written, which is gone in the end.
import { randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startTemporalServer } from '../../dist/src/start/temporal-server.js';
import { Postgres } from '../../dist/test/support/postgres.js';
import { leaveNothing } from './leave-nothing.mjs';

export default async function setUp() {
  const folder = mkdtempSync(join(tmpdir(), 'pinterest-ads-tests-'));
  // PostgreSQL may run as another user.
  chmodSync(folder, 0o711);
  // For the tests and every program that they start.
  process.env.TMPDIR = folder;
  // Of the memory that Temporal's dev server takes there is enough; a fifth of its time goes into collecting it otherwise.
  process.env.GOGC ??= '400';
  process.env.TEST_SEED ??= String(randomInt(2 ** 31));
  process.stderr.write(`Random tests draw from TEST_SEED=${process.env.TEST_SEED}\n`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(signal, () => {
      leaveNothing(folder);
      process.exit(1);
    });
  try {
    const [temporal, postgres] = await Promise.all([
      startTemporalServer({ log: join(folder, 'temporal.log') }),
      Postgres.start(),
    ]);
    process.env.TEST_TEMPORAL_ADDRESS = temporal.address;
    process.env.TEST_POSTGRES_URL = postgres.url();
    globalThis.testRun = { folder, temporal, postgres };
  } catch (error) {
    leaveNothing(folder);
    throw error;
  }
}
