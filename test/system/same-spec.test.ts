// A start of the very spec that is running joins that run, whichever way it was started; another spec is refused.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { AnotherRunIsOn, DataflowClient } from '../../src/client.js';
import { temporalBinary } from '../../src/start/temporal-binary.js';
import { PLAN_DATAFLOW, TASK_QUEUE, resumeSignal } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf, temporalAddress } from '../support/harness.js';
import { Requests } from '../support/requests.js';

let requests: Requests;
let harness: Harness;
let client: DataflowClient;
beforeEach(async () => {
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
  harness.simulator.settings.reportPollsUntilReady = 1_000;
  process.env['TEMPORAL_NAMESPACE'] = harness.namespace;
  client = await DataflowClient.connect(temporalAddress());
});
afterEach(async () => {
  await client.close();
  await harness.close();
});

const SPEC = specOf();
/** As another tool may write it. */
const KEYS_IN_ANOTHER_ORDER = {
  source: { objects: [{ ids: 'all', type: 'campaigns' }] },
  connection: { adAccountId: ACCOUNT },
  name: 'acme-ads',
};

const startByCommandLine = async (spec: unknown, workflowId: string): Promise<void> => {
  const place = [
    '--address',
    temporalAddress(),
    '--namespace',
    harness.namespace,
    '--task-queue',
    TASK_QUEUE,
  ];
  const run = ['--type', 'dataflow', '--workflow-id', workflowId, '--input', JSON.stringify(spec)];
  await promisify(execFile)(await temporalBinary(), ['workflow', 'start', ...place, ...run]);
};

test('a run that the Temporal CLI started is joined by its spec, in whatever order its keys stand', async () => {
  const workflowId = `joined-${randomUUID()}`;
  await startByCommandLine(KEYS_IN_ANOTHER_ORDER, workflowId);
  await requests.reach(2, /reports/);
  const joined = await client.start(SPEC, { workflowId });
  expect(await joined.progress()).toMatchObject({ phase: 'loading', adAccountId: ACCOUNT });
  const another = specOf({ backfillDays: 20 });
  await expect(client.start(another, { workflowId })).rejects.toThrow(AnotherRunIsOn);
  await joined.cancel();
  await expect(joined.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
});

test('a run that has continued as new is joined by its spec', async () => {
  // The first report fails; the second is asked for by the run that goes on.
  harness.simulator.settings.faults = [{ effect: 'report-failed', route: 'reports', times: 1 }];
  harness.simulator.settings.reportPollsUntilReady = 1;
  const held: (() => void)[] = [];
  requests.intercept = (request, _response, next) => {
    if (request.method === 'POST') held.push(next);
    else next();
  };
  const workflowId = `joined-${randomUUID()}`;
  const handle = await harness.begin(KEYS_IN_ANOTHER_ORDER, { workflowId });
  await requests.reach(1, /POST/);
  // Beyond 4 MiB Temporal calls a history long.
  for (let i = 0; i < 3; i++) await handle.signal(resumeSignal.name, 'x'.repeat(1_500_000));
  held[0]!();
  await requests.reach(2, /POST/);
  expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
  const joined = await client.start(SPEC, { workflowId });
  held[1]!();
  expect(await joined.result()).toMatchObject({ status: 'success' });
  expect(await handle.result()).toEqual(await joined.result());
});

test('a workflow of another type that has the id is not joined', async () => {
  const workflowId = `joined-${randomUUID()}`;
  const answers = new Promise<void>((resolve) => {
    requests.intercept = () => resolve();
  });
  const plan = await harness.begin(SPEC, { workflowId, type: PLAN_DATAFLOW });
  await answers;
  await expect(client.start(SPEC, { workflowId })).rejects.toThrow(AnotherRunIsOn);
  await plan.terminate();
});
