// The container's health check: well while a worker of this machine asks for tasks, not before, not without Temporal.
import { spawnSync } from 'node:child_process';
import { Harness, temporalAddress } from '../support/harness.js';
import { startWorkerProcess } from '../support/worker-process.js';

const check = (address = temporalAddress()): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, ['dist/src/health.js'], {
    env: { ...process.env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'health' },
    encoding: 'utf8',
  });

test('it is well from the moment the worker asks for tasks', async () => {
  const harness = await Harness.start({ worker: false });
  expect(check()).toMatchObject({ status: 1, stderr: expect.stringContaining('no worker of') });
  const worker = await startWorkerProcess({ ...harness.environment, TEMPORAL_NAMESPACE: 'health' });
  try {
    let seen = check();
    for (let i = 0; i < 20 && seen.status !== 0; i++) seen = check();
    expect(seen).toMatchObject({ status: 0, stderr: '' });
    expect(check('127.0.0.1:1')).toMatchObject({ status: 1, stderr: expect.stringMatching(/\S/) });
  } finally {
    await worker.kill();
    await harness.close();
  }
});
