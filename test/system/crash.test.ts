// The worker dies in the middle; a new one ends the job.
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { DATAFLOW, TASK_QUEUE, type Dataflow } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';
import { startWorkerProcess } from '../support/worker-process.js';

jest.setTimeout(120_000);

test('kill -9 in the middle costs at most the chunks in flight, and no row', async () => {
  const requests = new Requests();
  const harness = await Harness.start({ worker: false, simulator: { middleware: [requests.middleware] } });
  try {
    const client = harness.clientIn('crash');
    const environment = { ...harness.environment, TEMPORAL_NAMESPACE: 'crash' };
    const { simulator } = harness;
    // Downloads hang, so that the worker is killed with answers half received.
    simulator.settings.faults = [{ effect: 'slow-body', route: 'download', delayMs: 15_000, times: 3 }];
    const first = await startWorkerProcess(environment);
    const handle = await client.workflow.start<Dataflow>(DATAFLOW, {
      taskQueue: TASK_QUEUE,
      workflowId: 'acme-ads',
      args: [specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) })],
    });
    // Every report is being downloaded: no call is on its way, so that server and record count the same ones.
    await requests.reach(3, /^GET \/storage/);
    await first.kill();
    const second = await startWorkerProcess(environment);
    const run = await handle.result();
    await second.kill('SIGTERM');

    expect(run.status).toBe('success');
    // The three reports were asked for already: each is looked at again, and nothing else is asked again.
    expect(harness.calls()).toBeLessThanOrEqual(14 + 3);
    expect(run.apiCalls.total).toBe(harness.calls());
    const today = dateOf(Date.now());
    for (const objectType of OBJECT_TYPES) {
      const question = { accountId: ACCOUNT, objectType, from: addDays(today, -185), to: today };
      expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
        trueLines(simulator.generator, question),
      );
    }
  } finally {
    await harness.close();
  }
});
