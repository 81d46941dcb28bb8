// A question that nobody answers: it is taken back, and whoever asked hears why.
import { setTimeout as sleep } from 'node:timers/promises';
import { NoWorker, ask } from '../../src/client/questions.js';
import { CHECK_CONNECTION, type CheckConnection } from '../../src/workflows/contract.js';
import { Harness } from '../support/harness.js';

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.start({ worker: false });
});
afterEach(() => harness.close());

test('Temporal goes on naming a worker that was killed; a question to it ends all the same', async () => {
  const worker = await harness.startWorkerProcess();
  const question = { connection: {} };
  expect(await ask<CheckConnection>(harness.client, CHECK_CONNECTION, [question])).toMatchObject({
    ok: true,
  });
  await worker.kill();
  const asked = ask<CheckConnection>(harness.client, CHECK_CONNECTION, [question], { takenWithinMs: 500 });
  await expect(asked).rejects.toThrow(NoWorker);
  // Temporal's list is a moment late.
  const takenBack = () => harness.client.workflow.count("ExecutionStatus = 'Terminated'");
  while ((await takenBack()).count === 0) await sleep(50);
  expect((await takenBack()).count).toBe(1);
});
