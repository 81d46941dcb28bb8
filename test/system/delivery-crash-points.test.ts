// The worker dies by SIGKILL between any two steps of a delivery, a new one goes on: readers see the store, nothing twice.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../simulator/experience-platform/server.js';
import { columnsOf, deliveredLines, environmentOf, lakeLines, storeLines } from '../support/delivered.js';
import { Harness, specOf } from '../support/harness.js';
import { change, query } from '../support/store-reader.js';

const TABLE = 'campaign_analytics';
const PARQUET = { kind: 'parquet', path: 'acme' };
const EXPERIENCE_PLATFORM = { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads' };
const specFor = (target: object) => specOf({ backfillDays: 60 }, { targets: [target] });

let harness: Harness;
let platform: ExperiencePlatform;
let root: string;
beforeEach(async () => {
  platform = await startExperiencePlatform();
  harness = await Harness.start({ worker: false, environment: environmentOf(platform) });
  harness.environment['PARQUET_FOLDER'] = join(harness.folder, 'lake');
  root = join(harness.folder, 'lake', 'acme');
});
afterEach(async () => {
  await harness.close();
  await platform.close();
});

/** Workers that die one after the other, each at its point, and one that ends the run. */
const endedAfter = async (target: object, points: readonly string[], CRASH_TIMES = '2'): Promise<FlowRun> => {
  let handle: WorkflowHandle | undefined;
  for (const CRASH_AT of points) {
    const crash = { CRASH_AT, CRASH_TIMES };
    const worker = await harness.startWorkerProcess(crash, 'test/support/crashing-worker.mjs');
    handle ??= await harness.begin(specFor(target));
    expect(await worker.ended).toBe('SIGKILL');
  }
  const worker = await harness.startWorkerProcess({}, 'test/support/worker.mjs');
  const run = (await handle!.result()) as FlowRun;
  await worker.kill('SIGTERM');
  return run;
};

const expectSame = async (read: (columns: readonly string[]) => Promise<string[]>): Promise<void> => {
  const columns = await columnsOf(harness.storePath, 'acme_ads', TABLE);
  const stored = await storeLines(harness.storePath, 'acme_ads', TABLE, columns);
  expect(stored.length).toBeGreaterThan(100);
  expect(await read(columns)).toEqual(stored);
  const open = `SELECT * FROM acme_ads.deliveries WHERE pending_since IS NOT NULL`;
  expect(await query(harness.storePath, open)).toEqual([]);
};
const expectSameFiles = async (): Promise<void> => {
  await expectSame((columns) => deliveredLines(root, TABLE, columns));
  const names = readdirSync(root, { recursive: true }).map(String);
  expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
};
const expectSameLake = async (): Promise<void> => {
  await platform.lake.settle('prod');
  await expectSame((columns) => lakeLines(platform, 'acme-ads', TABLE, columns));
  expect(platform.lake.datasets('prod')).toHaveLength(1);
  const left = platform.lake.batches('prod', 'acme-ads').filter(({ status }) => status === 'loading');
  expect(left).toEqual([]);
};

/** Two weeks of which no row is left. */
const emptied = async (target: object): Promise<void> => {
  const worker = await harness.startWorkerProcess({}, 'test/support/worker.mjs');
  await harness.run(specFor(target));
  await worker.kill('SIGTERM');
  const monday = mondayOf(addDays(dateOf(Date.now()), -50));
  const inWeeks = `date BETWEEN DATE '${monday}' AND DATE '${addDays(monday, 13)}'`;
  await change(harness.storePath, `DELETE FROM acme_ads.${TABLE} WHERE ${inWeeks}`);
};

const expectAll = ({ deliveries }: FlowRun): void => {
  const { partitions, errors } = deliveries![0]!;
  expect(partitions.due).toBeGreaterThanOrEqual(9);
  expect(partitions).toEqual({ due: partitions.due, delivered: partitions.due, failed: 0 });
  expect(errors).toEqual([]);
};

test('files, a backfill: intended, noted, written, in place, settled', async () => {
  const points = ['delivery intended', 'delivery noted', 'part written', 'part in place', 'delivery settled'];
  const run = await endedAfter(PARQUET, points);
  expect(run.status).toBe('success');
  expectAll(run);
  await expectSameFiles();
});

test('files, emptied weeks: removed, and not yet noted', async () => {
  await emptied(PARQUET);
  const run = await endedAfter(PARQUET, ['part removed']);
  expect(run.deliveries![0]!.partitions).toEqual({ due: 2, delivered: 2, failed: 0 });
  await expectSameFiles();
});

test('batches, a backfill: intended, begun, noted, uploaded, completed, looked at, settled', async () => {
  const points = ['delivery intended', 'batch begun', 'delivery noted', 'batch uploaded', 'batch completed'];
  const run = await endedAfter(EXPERIENCE_PLATFORM, [...points, 'batch looked at', 'delivery settled']);
  expect(run.status).toBe('success');
  expectAll(run);
  await expectSameLake();
});

test('batches: the worker dies right after the set-up', async () => {
  const run = await endedAfter(EXPERIENCE_PLATFORM, ['set up'], '1');
  expect(run.status).toBe('success');
  expectAll(run);
  await expectSameLake();
});

test('batches, emptied weeks: intended, reverted, and not yet noted', async () => {
  await emptied(EXPERIENCE_PLATFORM);
  const run = await endedAfter(EXPERIENCE_PLATFORM, ['removal intended', 'batch reverted'], '1');
  expect(run.deliveries![0]!.partitions).toEqual({ due: 2, delivered: 2, failed: 0 });
  await expectSameLake();
});
