// What becomes of a run whose targets refuse, are missing or have nothing to be given.
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { pauseSignal } from '../../src/workflows/contract.js';
import { columnsOf, deliveredLines, storeLines } from '../support/delivered.js';
import { Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { change } from '../support/store-reader.js';

const parquet = (path: string) => ({ kind: 'parquet', path });
const specWith = (...targets: object[]) => specOf({ backfillDays: 20 }, { targets });

let harness: Harness;
let lake: string;
const start = async (environment: Record<string, string> = {}): Promise<void> => {
  harness = await Harness.start({ worker: false });
  lake = join(harness.folder, 'lake');
  await mkdir(lake);
  Object.assign(harness.environment, { PARQUET_FOLDER: lake, ...environment });
  await harness.startWorker();
};
afterEach(() => harness.close());

const expectSame = async (path: string): Promise<void> => {
  const columns = await columnsOf(harness.storePath, 'acme_ads', 'campaign_analytics');
  const stored = await storeLines(harness.storePath, 'acme_ads', 'campaign_analytics', columns);
  expect(stored.length).toBeGreaterThan(100);
  expect(await deliveredLines(join(lake, path), 'campaign_analytics', columns)).toEqual(stored);
};

test('one that refuses holds back neither the store nor the others, and gets what is due once it is mended', async () => {
  await start();
  await writeFile(join(lake, 'blocked'), 'a file where a folder should be');
  const outside = join(harness.folder, 'outside');
  await mkdir(outside);
  await symlink(outside, join(lake, 'link'));
  const spec = specWith(parquet('blocked/acme'), parquet('good'), parquet('link/acme'));
  const run = await harness.run(spec);
  expect(run.status).toBe('partial success');
  expect(run.recordSummary.outputRecordCount).toBeGreaterThan(100);
  await expectSame('good');
  const [blocked, good, link] = run.deliveries!;
  const { due } = good!.partitions;
  expect(due).toBeGreaterThanOrEqual(3);
  expect(good).toMatchObject({ partitions: { due, delivered: due, failed: 0 }, errors: [] });
  const refused = (words: string) => [
    { code: 'TargetRefused', message: expect.stringContaining(words) as unknown },
  ];
  expect(blocked).toEqual({
    target: 'parquet blocked/acme',
    partitions: { due, delivered: 0, failed: due },
    rows: 0,
    failedRows: 0,
    errors: refused('Check PARQUET_FOLDER'),
  });
  expect(link).toMatchObject({
    partitions: { due, delivered: 0, failed: due },
    errors: refused('by a symbolic link'),
  });
  expect(await readdir(outside)).toEqual([]);
  expect(run.statusSummary.errors).toEqual([
    ...refused(`parquet blocked/acme: ${due} of ${due} weeks that were due were not delivered`),
    ...refused('parquet link/acme'),
  ]);

  await rm(join(lake, 'blocked'));
  const mended = await harness.run(specWith(parquet('blocked/acme'), parquet('good')));
  expect(mended.status).toBe('success');
  expect(mended.deliveries!.map(({ partitions }) => partitions.delivered)).toEqual([due, 0]);
  await expectSame('blocked/acme');
});

test('a folder that somebody deleted is filled again once a week of it is due', async () => {
  await start();
  const spec = specOf({ backfillDays: 60 }, { targets: [parquet('acme')] });
  const { partitions } = (await harness.run(spec)).deliveries![0]!;
  await rm(join(lake, 'acme'), { recursive: true });
  // With nothing due, nobody looks.
  expect((await harness.run(spec)).deliveries![0]!.partitions.due).toBe(0);
  // So old that it is not read again.
  const date = addDays(dateOf(Date.now()), -50);
  await change(harness.storePath, `DELETE FROM acme_ads.campaign_analytics WHERE date = '${date}'`);
  const filled = (await harness.run(spec)).deliveries![0]!;
  expect(filled).toMatchObject({ partitions, errors: [] });
  await expectSame('acme');
});

test('a worker without the folder refuses the spec before any call, and names the variable', async () => {
  await start({ PARQUET_FOLDER: '' });
  const failed = await harness.run(specWith(parquet('acme'))).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  expect((failed as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidSpec',
    message: expect.stringContaining("targets[0]: the worker's environment lacks PARQUET_FOLDER") as unknown,
  });
  expect(harness.calls()).toBe(0);
});

test('a run without news has one activity more than without targets', async () => {
  await start();
  const activitiesOf = async (spec: unknown): Promise<string[]> => {
    const handle = await harness.begin(spec);
    await handle.result();
    const { events } = await handle.fetchHistory();
    return events!.flatMap(
      ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name ?? [],
    );
  };
  await harness.run(specWith(parquet('acme')));
  const without = await activitiesOf(specWith());
  const withTarget = await activitiesOf(specWith(parquet('acme')));
  expect(withTarget.filter((name) => name !== 'planDeliveries')).toEqual(without);
  expect(withTarget).toHaveLength(without.length + 1);
});

test('a pause holds before the next week leaves, and a cancelled run keeps what it delivered', async () => {
  await start();
  const handle = await harness.begin(specOf({ backfillDays: 186 }, { targets: [parquet('acme')] }));
  await progressUntil(
    handle,
    ({ phase, deliveries }) => phase === 'delivering' && (deliveries?.[0]?.partitions.delivered ?? 0) > 0,
  );
  await handle.signal(pauseSignal);
  const { deliveries } = await progressUntil(handle, ({ paused }) => paused);
  const { due } = deliveries![0]!.partitions;
  // What has begun comes to its end: three at a time.
  const settled = await progressOf(handle);
  const { delivered } = settled.deliveries![0]!.partitions;
  expect(delivered).toBeLessThanOrEqual(deliveries![0]!.partitions.delivered + 3);
  expect(settled.deliveries![0]!.partitions.delivered).toBeLessThan(due);
  await handle.cancel();
  await handle.result().catch(() => undefined);
  // No step is under way any more: none goes on beside the next run.
  const { events } = await handle.fetchHistory();
  const ends = events!.filter(
    ({ activityTaskCompletedEventAttributes: completed, activityTaskCanceledEventAttributes: cancelled }) =>
      completed ?? cancelled,
  );
  const begun = events!.filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled);
  expect(ends).toHaveLength(begun.length);
  const first = settled.deliveries![0]!.partitions.delivered;
  const run: FlowRun = await harness.run(specOf({ backfillDays: 186 }, { targets: [parquet('acme')] }));
  expect(run.status).toBe('success');
  expect(run.deliveries![0]!.partitions.due).toBeLessThanOrEqual(due - first);
  expect(existsSync(join(lake, 'acme', 'README.md'))).toBe(true);
  await expectSame('acme');
  expect(await progressOf(handle)).toMatchObject({ phase: 'cancelled' });
});
