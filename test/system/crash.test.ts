// The worker dies in the middle; a new one ends the job.
import { setTimeout as sleep } from 'node:timers/promises';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { ApiCalls, FlowRun } from '../../src/dataflow/flow-run.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { attemptsAt, heartbeatsOf } from '../support/history.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';

/** At a report until it is ready, each an activity of its own. */
const LOOKS = 2;

interface LoadProgress {
  apiCalls: ApiCalls;
}

test('kill -9 in the middle costs at most the chunks in flight, and no row', async () => {
  const requests = new Requests();
  const harness = await Harness.start({ worker: false, simulator: { middleware: [requests.middleware] } });
  try {
    const { simulator } = harness;
    // Downloads hang, so that the worker is killed with answers half received.
    simulator.settings.faults = [{ effect: 'slow-body', route: 'download', delayMs: 45_000, times: 3 }];
    const first = await harness.startWorkerProcess();
    const handle = await harness.begin(
      specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) }),
    );
    // Every report is being downloaded, and all that was asked so far is told: server and record count the same calls.
    await requests.reach(3, /^GET \/storage/);
    const isTold = (told: unknown): boolean => (told as LoadProgress | undefined)?.apiCalls.total === 1;
    while (!(await heartbeatsOf(handle)).every(isTold)) await sleep(50);
    await first.kill();
    await harness.startWorkerProcess();
    const run = (await handle.result()) as FlowRun;

    expect(run.status).toBe('success');
    // The three reports were asked for already: each is looked at once more, and nothing else is asked again. On a machine so
    // busy that Temporal misses a sign of life, an attempt more is a look more.
    const attempts = await attemptsAt(handle, 'loadChunk');
    expect(attempts).toHaveLength(3 * LOOKS);
    const sum = attempts.reduce((a, b) => a + b);
    expect(sum).toBeGreaterThanOrEqual(3 * (LOOKS + 1));
    expect(harness.calls()).toBeLessThanOrEqual(14 + sum - 3 * LOOKS);
    const asked = harness.simulator.log.filter(({ route }) => route !== 'download');
    const looks = asked.filter(({ method, route }) => method === 'GET' && route === 'reports');
    expect(asked.length - looks.length).toBe(14 - 3 * LOOKS);
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
