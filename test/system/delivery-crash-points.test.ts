// The worker dies by SIGKILL between any two steps of a delivery, a new one goes on: readers see the store, nothing twice.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { columnsOf, deliveredLines, storeLines } from '../support/delivered.js';
import { Harness, specOf } from '../support/harness.js';
import { change, query } from '../support/store-reader.js';

const TABLE = 'campaign_analytics';
const SPEC = specOf({ backfillDays: 60 }, { targets: [{ kind: 'parquet', path: 'acme' }] });

let harness: Harness;
let root: string;
beforeEach(async () => {
  harness = await Harness.start({ worker: false });
  harness.environment['PARQUET_FOLDER'] = join(harness.folder, 'lake');
  root = join(harness.folder, 'lake', 'acme');
});
afterEach(() => harness.close());

/** Workers that die one after the other, each at its point, and one that ends the run. */
const endedAfter = async (points: readonly string[]): Promise<FlowRun> => {
  let handle: WorkflowHandle | undefined;
  for (const CRASH_AT of points) {
    const crash = { CRASH_AT, CRASH_TIMES: '2' };
    const worker = await harness.startWorkerProcess(crash, 'test/support/crashing-worker.mjs');
    handle ??= await harness.begin(SPEC);
    expect(await worker.ended).toBe('SIGKILL');
  }
  const worker = await harness.startWorkerProcess({}, 'test/support/worker.mjs');
  const run = (await handle!.result()) as FlowRun;
  await worker.kill('SIGTERM');
  return run;
};

const expectSame = async (): Promise<void> => {
  const columns = await columnsOf(harness.storePath, 'acme_ads', TABLE);
  const stored = await storeLines(harness.storePath, 'acme_ads', TABLE, columns);
  expect(stored.length).toBeGreaterThan(100);
  expect(await deliveredLines(root, TABLE, columns)).toEqual(stored);
  const names = readdirSync(root, { recursive: true }).map(String);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  const open = `SELECT * FROM acme_ads.deliveries WHERE pending_since IS NOT NULL`;
  expect(await query(harness.storePath, open)).toEqual([]);
};

test('a backfill: intended, noted, written, in place, settled', async () => {
  const points = ['delivery intended', 'delivery noted', 'part written', 'part in place', 'delivery settled'];
  const run = await endedAfter(points);
  expect(run.status).toBe('success');
  const { partitions, errors } = run.deliveries![0]!;
  expect(partitions.due).toBeGreaterThanOrEqual(9);
  expect(partitions).toEqual({ due: partitions.due, delivered: partitions.due, failed: 0 });
  expect(errors).toEqual([]);
  await expectSame();
});

test('emptied weeks: removed, and not yet noted', async () => {
  const worker = await harness.startWorkerProcess({}, 'test/support/worker.mjs');
  await harness.run(SPEC);
  await worker.kill('SIGTERM');
  const monday = mondayOf(addDays(dateOf(Date.now()), -50));
  const inWeeks = `date BETWEEN DATE '${monday}' AND DATE '${addDays(monday, 13)}'`;
  await change(harness.storePath, `DELETE FROM acme_ads.${TABLE} WHERE ${inWeeks}`);
  const run = await endedAfter(['part removed']);
  expect(run.deliveries![0]!.partitions).toEqual({ due: 2, delivered: 2, failed: 0 });
  await expectSame();
});
