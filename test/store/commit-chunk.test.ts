// A chunk's commit: cells replaced, coverage advanced and misfits kept together, whoever comes late or twice.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Chunk } from '../../src/dataflow/chunk.js';
import { midnightMs } from '../../src/dataflow/dates.js';
import { needOf } from '../../src/dataflow/need.js';
import { settleReplacement } from '../../src/dataflow/replace.js';
import { parseSpec, type DataflowSpec } from '../../src/dataflow/spec.js';
import { Staging } from '../../src/loading/staging.js';
import { DuckDBStore } from '../../src/store/duckdb/duckdb-store.js';
import { prepareTables } from '../../src/activities/prepare-run.js';
import type { CommitResult } from '../../src/store/store.js';
import { query } from '../support/store-reader.js';

const TODAY = '2026-05-31';
const PLACE = { dataflow: 'acme-ads', adAccountId: '549755885175' };
const noon = midnightMs(TODAY) + 12 * 3_600_000;
const row = (id: string, date: string, spend: unknown) => ({
  CAMPAIGN_ID: id,
  DATE: date,
  SPEND_IN_MICRO_DOLLAR: spend,
});

let folder: string;
let path: string;
let store: DuckDBStore;
let spec: DataflowSpec;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'commit-'));
  path = join(folder, 'store.duckdb');
  store = new DuckDBStore(path);
  spec = parseSpec(
    {
      name: 'acme-ads',
      connection: { adAccountId: PLACE.adAccountId },
      source: {
        objects: [{ type: 'campaigns', ids: 'all' }],
        columns: ['SPEND_IN_MICRO_DOLLAR'],
        backfillDays: 5,
      },
    },
    { today: TODAY },
  );
  await prepareTables(store, spec);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const chunkOf = (ids: Chunk['ids']): Chunk => ({
  objectType: 'campaigns',
  method: 'report',
  ids,
  from: '2026-05-27',
  to: TODAY,
  apiCalls: 3,
  rows: 10,
});

let answers = 0;
/** Loads an answer as an attempt that was scheduled at `askedForMs` in a run that started at `startedAtMs`. */
const load = async (
  ids: Chunk['ids'],
  rows: unknown[],
  {
    askedForMs = noon,
    startedAtMs = noon - 1_000,
    objects = null as { id: string; firstSeenMs: number }[] | null,
  } = {},
): Promise<CommitResult> => {
  const chunk = chunkOf(ids);
  const staging = await Staging.open(join(folder, `answer-${answers++}`), {
    objectType: 'campaigns',
    granularity: 'DAY',
    from: chunk.from,
    to: chunk.to,
    ranges: [{ from: chunk.from, to: chunk.to }],
    ids: typeof ids === 'string' ? 'all' : ids,
    columns: [{ name: 'SPEND_IN_MICRO_DOLLAR', kind: 'number' }],
  });
  try {
    await staging.add(Readable.from([Buffer.from(JSON.stringify(rows))]));
    const staged = await staging.finish();
    const wants = ids === 'all' ? 'all' : 'some';
    const known = objects ?? (typeof ids === 'string' ? null : ids.map((id) => ({ id, firstSeenMs: 0 })));
    const need = needOf(spec, 'campaigns', { wants, objects: known }, [], { startedAtMs, nowMs: noon });
    return await store.commitChunk({
      place: PLACE,
      objectType: 'campaigns',
      granularity: 'DAY',
      restateDays: 30,
      metrics: [{ name: 'SPEND_IN_MICRO_DOLLAR', kind: 'number' }],
      staged,
      stamp: {
        askedForMs,
        columns: spec.source.columns,
        attribution: need.want.attribution,
        knownIdsAtMs: null,
      },
      periods: need.periods,
      settle: (coverage) => settleReplacement(chunk, { ...need, coverage }, askedForMs, TODAY),
      chunk: 'a chunk',
      runId: 'a run',
    });
  } finally {
    await staging.close();
  }
};

const stored = async () =>
  (
    await query(
      path,
      'SELECT campaign_id, date::TEXT AS date, spend_in_micro_dollar AS spend FROM acme_ads.campaign_analytics ORDER BY ALL',
    )
  ).map((found) => `${String(found['campaign_id'])} ${String(found['date'])} ${String(found['spend'])}`);

test('two attempts of one chunk that commit at the same time leave one set of rows', async () => {
  const rows = Array.from({ length: 500 }, (_, i) => row(String(1000 + i), '2026-05-30', i));
  const results = await Promise.all(
    [0, 1, 2, 3].map((late) => load('all', rows, { askedForMs: noon + late, startedAtMs: noon - 1 })),
  );
  expect((await stored()).length).toBe(500);
  expect(results.map(({ rows }) => rows).sort((a, b) => a - b)).toEqual([0, 0, 0, 500]);
});

test('an answer that was asked for earlier changes nothing that a later answer holds', async () => {
  await load('all', [row('1', '2026-05-30', 2)], { askedForMs: noon });
  await load('all', [row('1', '2026-05-30', 1)], { askedForMs: noon - 500, startedAtMs: noon + 10 });
  expect(await stored()).toEqual(['1 2026-05-30 2']);
});

test('a late answer for all objects leaves one that was read later alone, and brings the others', async () => {
  await load(['1'], [row('1', '2026-05-30', 2)], { askedForMs: noon });
  await load('all', [row('1', '2026-05-30', 1), row('2', '2026-05-30', 7)], { askedForMs: noon - 500 });
  expect(await stored()).toEqual(['1 2026-05-30 2', '2 2026-05-30 7']);
});

test('a row that Pinterest withdrew is gone after the next answer, and the change is counted', async () => {
  await load('all', [row('1', '2026-05-29', 1), row('1', '2026-05-30', 2), row('2', '2026-05-30', 3)]);
  const { restated } = await load('all', [row('1', '2026-05-29', 1), row('2', '2026-05-30', 4)], {
    askedForMs: noon + 5_000,
    startedAtMs: noon + 4_000,
  });
  expect(await stored()).toEqual(['1 2026-05-29 1', '2 2026-05-30 4']);
  expect(restated).toMatchObject({ rowsChanged: 2, oldestDateChanged: '2026-05-30' });
});

test('a misfit costs only its own cell, which stays incomplete; the raw row and the reason are kept', async () => {
  const result = await load('all', [row('1', '2026-05-29', 'N/A'), row('1', '2026-05-30', 2)]);
  expect(result).toMatchObject({ rows: 1, rejectedRows: 1 });
  const [rejected] = await query(
    path,
    'SELECT object_id, date::TEXT AS date, raw, reason FROM acme_ads.rejected_rows',
  );
  expect(rejected).toMatchObject({ object_id: '1', date: '2026-05-29' });
  expect(String(rejected!['raw'])).toContain('N/A');
  expect(String(rejected!['reason'])).toContain('SPEND_IN_MICRO_DOLLAR');
  const coverage = await store.coverage(PLACE, 'campaigns');
  expect(coverage.filter(({ complete }) => !complete)).toMatchObject([
    { scope: '1', from: '2026-05-29', to: '2026-05-29' },
  ]);
});

test('a misfit that came right is no longer kept as rejected', async () => {
  await load('all', [row('1', '2026-05-29', 'N/A')]);
  await load('all', [row('1', '2026-05-29', 5)], { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 });
  expect(await query(path, 'SELECT * FROM acme_ads.rejected_rows')).toEqual([]);
  expect(await stored()).toEqual(['1 2026-05-29 5']);
  expect((await store.coverage(PLACE, 'campaigns')).every(({ complete }) => complete)).toBe(true);
});
