// Parquet files as a target: what a reader sees of them equals the store, cell by cell, whatever happened in between.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import { factsOf, OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import {
  deliveryOf,
  columnsOf,
  deliveredLines,
  readParquet,
  storeLines,
  STORES,
} from '../support/delivered.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { change } from '../support/store-reader.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
const TABLES = OBJECT_TYPES.map((type) => factsOf(type).analyticsTable);
const TARGET = { kind: 'parquet', path: 'acme/ads' };
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'TOTAL_CONVERSIONS'];
const specWith = (source: object = {}, more: object = {}) =>
  specOf({ objects: EVERYTHING, columns: COLUMNS, ...source }, { targets: [TARGET], ...more });

/** Every file below a folder, by its path there. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1));

describe.each(STORES)('out of %s', (_, storeOf, storeEnvironment) => {
  let harness: Harness;
  let lake: string;
  let root: string;
  /** The simulator's clock is behind by as much: later it has restated its numbers. */
  let lagMs: number;
  beforeEach(async () => {
    lagMs = 0;
    const environment: Record<string, string> = await storeEnvironment();
    harness = await Harness.start({
      environment,
      simulator: { now: () => Date.now() - lagMs },
      worker: false,
    });
    lake = join(harness.folder, 'lake');
    root = join(lake, 'acme', 'ads');
    harness.environment['PARQUET_FOLDER'] = lake;
    await harness.startWorker();
  });
  afterEach(() => harness.close());

  const expectSame = async (tables: readonly string[] = TABLES): Promise<number> => {
    let rows = 0;
    for (const table of tables) {
      const columns = await columnsOf(storeOf(harness), 'acme_ads', table);
      const stored = await storeLines(storeOf(harness), 'acme_ads', table, columns);
      expect(await deliveredLines(root, table, columns)).toEqual(stored);
      rows += stored.length;
    }
    return rows;
  };

  test('a backfill, a run without news, restated and withdrawn rows, an emptied week, an added column', async () => {
    lagMs = 3 * 86_400_000;
    const spec = specWith();
    const first = deliveryOf(await harness.run(spec));
    const rows = await expectSame();
    expect(rows).toBeGreaterThan(10_000);
    const weeks = filesIn(root).filter((name) => name.endsWith('.parquet')).length;
    expect(first).toEqual({
      target: 'parquet acme/ads',
      partitions: { due: weeks, delivered: weeks, failed: 0 },
      rows,
      failedRows: 0,
      errors: [],
    });
    // 186 dates touch 27 or 28 weeks.
    expect(weeks).toBeGreaterThanOrEqual(3 * 27);

    // The same numbers again: nothing leaves.
    const before = filesIn(root).map((name) => `${name} ${statSync(join(root, name)).mtimeMs}`);
    const second = deliveryOf(await harness.run(spec));
    expect(second.partitions).toEqual({ due: 0, delivered: 0, failed: 0 });
    expect(filesIn(root).map((name) => `${name} ${statSync(join(root, name)).mtimeMs}`)).toEqual(before);

    // Three days later: at most six weeks an object type hold a date that is not final.
    lagMs = 0;
    const restated = deliveryOf(await harness.run(spec));
    await expectSame();
    expect(restated.partitions.due).toBeGreaterThan(3);
    expect(restated.partitions.due).toBeLessThanOrEqual(6 * 3);
    expect(restated.partitions.delivered).toBe(restated.partitions.due);

    // Rows that went from the store, and a week of which none is left.
    const today = dateOf(Date.now());
    const emptied = mondayOf(addDays(today, -100));
    const thinned = addDays(mondayOf(addDays(today, -120)), 2);
    await change(
      storeOf(harness),
      `DELETE FROM acme_ads.ad_analytics WHERE date BETWEEN '${emptied}' AND '${addDays(emptied, 6)}' OR date = '${thinned}'`,
    );
    const part = join(root, 'ad_analytics', `ad_account_id=${ACCOUNT}`, `week=${emptied}`);
    expect(existsSync(part)).toBe(true);
    const withdrawn = deliveryOf(await harness.run(spec));
    expect(withdrawn.partitions).toEqual({ due: 2, delivered: 2, failed: 0 });
    await expectSame();
    expect(existsSync(part)).toBe(false);

    // A column more: every week has values of it, and readers find it by name.
    const widened = specWith({
      columns: [...COLUMNS, 'CTR'],
      objects: [{ type: 'ads', ids: 'all' }],
    });
    const wider = deliveryOf(await harness.run(widened));
    expect(wider.partitions.due).toBeGreaterThanOrEqual(27);
    await expectSame(['ad_analytics']);
    const [kinds] = await readParquet(root, 'ad_analytics', 'SELECT count(ctr) AS values FROM FILES');
    expect(Number(kinds!['values'])).toBeGreaterThan(0);
  });

  test('a column without values is nobody’s news', async () => {
    await harness.run(specWith({ backfillDays: 20 }));
    await change(storeOf(harness), 'ALTER TABLE acme_ads.ad_analytics ADD COLUMN repin_1 DOUBLE PRECISION');
    const run = await harness.run(specWith({ backfillDays: 20 }));
    expect(deliveryOf(run).partitions.due).toBe(0);
  });

  test('taken away and added again, nothing is doubled; a folder that others filled is refused until it is adopted', async () => {
    const short = specWith({ objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 20 });
    await harness.run(short);
    await harness.run({ ...short, targets: [] });
    const again = deliveryOf(await harness.run(short));
    expect(again.partitions.due).toBe(0);
    await expectSame(['campaign_analytics']);

    await change(storeOf(harness), 'DELETE FROM acme_ads.deliveries');
    const run = await harness.run(short);
    expect(run.status).toBe('partial success');
    expect(deliveryOf(run)).toMatchObject({
      partitions: { delivered: 0 },
      errors: [{ code: 'TargetRefused', message: expect.stringContaining('"adopt": true') as unknown }],
    });
    const adopted = await harness.run({ ...short, targets: [{ ...TARGET, adopt: true }] });
    expect(adopted.status).toBe('success');
    await expectSame(['campaign_analytics']);
  });
});

test('the folder and its files are their owner’s alone, with a dictionary that names every column', async () => {
  const harness = await Harness.start({ worker: false });
  try {
    const lake = join(harness.folder, 'lake');
    harness.environment['PARQUET_FOLDER'] = lake;
    await harness.startWorker();
    await harness.run(specWith({ objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 10 }));
    const root = join(lake, 'acme', 'ads');
    const modes = readdirSync(lake, { recursive: true, withFileTypes: true }).map((entry) => {
      const { mode } = statSync(join(entry.parentPath, entry.name));
      return entry.isDirectory()
        ? `folder ${(mode & 0o777).toString(8)}`
        : `file ${(mode & 0o777).toString(8)}`;
    });
    expect(new Set(modes)).toEqual(new Set(['folder 700', 'file 600']));
    const schema = JSON.parse(await readFile(join(root, 'schema.json'), 'utf8')) as {
      tables: { name: string; columns: { name: string; type: string; meaning: string }[] }[];
    };
    const campaigns = schema.tables.find(({ name }) => name === 'campaign_analytics')!;
    const described = await readParquet(root, 'campaign_analytics', 'DESCRIBE SELECT * FROM FILES');
    expect(campaigns.columns.map(({ name }) => name).sort()).toEqual(
      described.map((row) => String(row['column_name'])).sort(),
    );
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    expect(readme).toContain('| `spend_in_micro_dollar` | double | ');
  } finally {
    await harness.close();
  }
});
