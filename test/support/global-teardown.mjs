// Stops what the set-up started, and whatever a test that failed has left.
import process from 'node:process';
import { leaveNothing } from './leave-nothing.mjs';

export default async function tearDown() {
  const { folder, temporal, postgres } = globalThis.testRun;
  await Promise.all([temporal.stop(), postgres.close()]);
  for (const command of leaveNothing(folder)) process.stderr.write(`A test left this running: ${command}\n`);
}
