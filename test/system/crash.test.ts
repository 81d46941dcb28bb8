// The worker dies in the middle; a new one ends the job.
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';

test('kill -9 in the middle costs at most the chunks in flight, and no row', async () => {
  const requests = new Requests();
  const harness = await Harness.start({ worker: false, simulator: { middleware: [requests.middleware] } });
  try {
    const { simulator } = harness;
    // Downloads hang, so that the worker is killed with answers half received.
    simulator.settings.faults = [{ effect: 'slow-body', route: 'download', delayMs: 15_000, times: 3 }];
    const first = await harness.startWorkerProcess();
    const handle = await harness.begin(
      specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) }),
    );
    // Every report is being downloaded: no call is on its way, so that server and record count the same ones.
    await requests.reach(3, /^GET \/storage/);
    await first.kill();
    await harness.startWorkerProcess();
    const run = (await handle.result()) as FlowRun;

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
