// A worker process falls asleep at an exact point (SIGSTOP: a paused machine, a closed lid), another one does its work
// again when numbers have moved on, and then it wakes up (SIGCONT) with its old answer in hand.
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { Cable } from '../support/cable.js';
import { ACCOUNT, Harness, specOf, temporalAddress } from '../support/harness.js';
import { newDatabase } from '../support/databases.js';
import { query, type Row } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';
import type { WorkerProcess } from '../support/worker-process.js';

const DAY_MS = 86_400_000;
const DAYS = 30;

let store: string;
let harness: Harness;
let cable: Cable;
beforeEach(async () => {
  store = await newDatabase();
  harness = await Harness.start({ worker: false, environment: { STORE_URL: store } });
  cable = await Cable.to(temporalAddress());
});
afterEach(async () => {
  cable.close();
  await harness.close();
});

const startWorker = (asleep?: Record<string, string>): Promise<WorkerProcess> =>
  harness.startWorkerProcess(asleep, `test/support/${asleep ? 'crashing-worker' : 'worker'}.mjs`);

/** A run of one analytics call; a late commit of it and an early one are of the same cells. */
const begin = (): Promise<WorkflowHandle> => harness.begin(specOf({ backfillDays: DAYS }));

/** The numbers of a day later: what is asked from now on is newer. */
const moveOn = (): void => {
  harness.simulator.settings.now = () => Date.now() + DAY_MS;
};

const expectNumbersOf = async (now: number): Promise<void> => {
  const to = dateOf(Date.now());
  const question = { accountId: ACCOUNT, objectType: 'campaigns', from: addDays(to, 1 - DAYS), to } as const;
  const stored = await storedLines(store, 'acme_ads', question);
  expect(stored).toEqual(trueLines(harness.simulator.generator, { ...question, now }));
};

const read = (sql: string): Promise<Row[]> => query(store, sql);
/** Every row with when it was asked for, and every row of coverage. */
const held = async (): Promise<Row[]> => [
  ...(await read('SELECT * FROM acme_ads.campaign_analytics ORDER BY campaign_id, date')),
  ...(await read('SELECT * FROM acme_ads.coverage ORDER BY scope, "from"')),
];

/** Resolves when a commit waits for the one that is open. */
const commitInLine = async (): Promise<void> => {
  while (
    (
      await read(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      )
    ).length === 0
  )
    await sleep(50);
};

/** A run whose worker sleeps at a point; as far as Temporal can see it is gone, so that it is sent no more work. */
const asleepAt = async (point: string): Promise<{ zombie: WorkerProcess; handle: WorkflowHandle }> => {
  const environment = { CRASH_AT: point, CRASH_BY: 'SIGSTOP', TEMPORAL_ADDRESS: cable.address };
  const zombie = await startWorker(environment);
  const handle = await begin();
  await zombie.said(`SIGSTOP at: ${point}`);
  cable.cut();
  return { zombie, handle };
};

/** It wakes up and ends its load: no row of its answer stands in the store. */
const expectNothingOf = async (zombie: WorkerProcess): Promise<void> => {
  const before = await held();
  expect(before.length).toBeGreaterThan(DAYS);
  zombie.process.kill('SIGCONT');
  await zombie.said('chunk loaded');
  expect(zombie.log()).toMatch(/"rows":0,.*chunk loaded/);
  expect(await held()).toEqual(before);
  await expectNumbersOf(Date.now() + DAY_MS);
};

test('with its answer staged: it was done again elsewhere, and what it then commits changes nothing', async () => {
  const { zombie, handle } = await asleepAt('answer staged');
  moveOn();
  await startWorker();
  expect(((await handle.result()) as FlowRun).status).toBe('success');
  await expectNothingOf(zombie);
});

/** Another run of the dataflow, whose commit of the same cells waits for the one that sleeps in its transaction. */
const overlapping = async (): Promise<{ zombie: WorkerProcess; next: WorkflowHandle }> => {
  const { zombie, handle } = await asleepAt('before commit');
  await handle.terminate('its worker sleeps');
  moveOn();
  await startWorker();
  const next = await begin();
  await commitInLine();
  return { zombie, next };
};

test('in its transaction: it wakes up and commits, and then the newer run that waited replaces its rows', async () => {
  const { zombie, next } = await overlapping();
  zombie.process.kill('SIGCONT');
  const run = (await next.result()) as FlowRun;
  expect(run.status).toBe('success');
  // The newer commit came second, and saw what the older one had left.
  expect(run.restated.rowsChanged).toBeGreaterThan(0);
  await expectNumbersOf(Date.now() + DAY_MS);
});

test('in its transaction for so long that the server ends it: the newer run goes on, and it changes nothing later', async () => {
  const { zombie, next } = await overlapping();
  // As the server does by itself after two minutes.
  await read(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND state = 'idle in transaction'`);
  const run = (await next.result()) as FlowRun;
  expect(run).toMatchObject({ status: 'success', restated: { rowsChanged: 0 } });
  await expectNothingOf(zombie);
});
