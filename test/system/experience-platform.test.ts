// Experience Platform as a target: what a reader of the data lake sees equals the store, cell by cell, whatever happened in between.
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../simulator/experience-platform/server.js';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { factsOf, OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { newDatabase } from '../support/databases.js';
import { columnsOf, environmentOf, lakeLines, storeLines } from '../support/delivered.js';
import { Harness, specOf } from '../support/harness.js';
import { change } from '../support/store-reader.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
const TABLES = OBJECT_TYPES.map((type) => factsOf(type).analyticsTable);
const TARGET = { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads' };
const NAME = 'experience-platform prod/acme-ads';
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'TOTAL_CONVERSIONS'];
const specWith = (source: object = {}, more: object = {}) =>
  specOf({ objects: EVERYTHING, columns: COLUMNS, ...source }, { targets: [TARGET], ...more });

const deliveryOf = ({ deliveries }: FlowRun) => deliveries![0]!;

let platform: ExperiencePlatform;
beforeEach(async () => {
  platform = await startExperiencePlatform();
});
afterEach(() => platform.close());

describe.each([
  ['DuckDB', (harness: Harness) => harness.storePath, () => Promise.resolve({})],
  [
    'PostgreSQL',
    (harness: Harness) => harness.environment['STORE_URL']!,
    async () => ({ STORE_URL: await newDatabase() }),
  ],
])('out of %s', (_, storeOf, storeEnvironment) => {
  let harness: Harness;
  /** The simulator's clock is behind by as much: later it has restated its numbers. */
  let lagMs: number;
  beforeEach(async () => {
    lagMs = 0;
    const environment: Record<string, string> = await storeEnvironment();
    harness = await Harness.start({
      environment: { ...environment, ...environmentOf(platform) },
      simulator: { now: () => Date.now() - lagMs },
    });
  });
  afterEach(() => harness.close());

  const expectSame = async (tables: readonly string[] = TABLES): Promise<number> => {
    let rows = 0;
    for (const table of tables) {
      const columns = await columnsOf(storeOf(harness), 'acme_ads', table);
      const stored = await storeLines(storeOf(harness), 'acme_ads', table, columns);
      expect(await lakeLines(platform, 'acme-ads', table, columns)).toEqual(stored);
      rows += stored.length;
    }
    return rows;
  };

  test('a backfill, a run without news, restated and withdrawn rows, an emptied week, an added column', async () => {
    lagMs = 3 * 86_400_000;
    const spec = specWith();
    const run = await harness.run(spec);
    expect(run.status).toBe('success');
    const first = deliveryOf(run);
    const rows = await expectSame();
    expect(rows).toBeGreaterThan(10_000);
    const weeks = platform.lake.batches('prod', 'acme-ads').length;
    expect(first).toEqual({
      target: NAME,
      partitions: { due: weeks, delivered: weeks, failed: 0 },
      rows,
      failedRows: 0,
      errors: [],
    });
    // 186 dates touch 27 or 28 weeks.
    expect(weeks).toBeGreaterThanOrEqual(3 * 27);
    const made = run.statusSummary.notices!.map(({ code, message }) => `${code} ${message}`);
    expect(made).toEqual([
      expect.stringMatching(/^TargetMade .*Made the field group acme-ads fields, https:/),
      expect.stringMatching(/^TargetMade .*Made the schema acme-ads, https:/),
      expect.stringMatching(/^TargetMade .*Made the dataset acme-ads, [0-9a-f]{24}$/),
    ]);

    // The same numbers again: nobody is asked.
    const calls = platform.log.length;
    expect(deliveryOf(await harness.run(spec)).partitions).toEqual({ due: 0, delivered: 0, failed: 0 });
    expect(platform.log).toHaveLength(calls);

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
    const withdrawn = deliveryOf(await harness.run(spec));
    expect(withdrawn.partitions).toEqual({ due: 2, delivered: 2, failed: 0 });
    await expectSame();

    // A column more: the field group has it, and every week has values of it.
    const widened = await harness.run(
      specWith({ columns: [...COLUMNS, 'CTR'], objects: [{ type: 'ads', ids: 'all' }] }),
    );
    expect(deliveryOf(widened).partitions.due).toBeGreaterThanOrEqual(27);
    expect(widened.statusSummary.notices![0]!.message).toContain('Added _acme.ctr to the field group');
    await expectSame(['ad_analytics']);
  });

  test('added to a dataflow that holds data; taken away and added again, nothing is doubled; others’ rows have to be adopted', async () => {
    const short = specWith({ objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 20 });
    await harness.run({ ...short, targets: [] });
    const added = deliveryOf(await harness.run(short));
    expect(added.partitions.delivered).toBe(added.partitions.due);
    const rows = await expectSame(['campaign_analytics']);
    expect(added.rows).toBe(rows);
    await harness.run({ ...short, targets: [] });
    expect(deliveryOf(await harness.run(short)).partitions.due).toBe(0);
    await expectSame(['campaign_analytics']);

    await change(storeOf(harness), 'DELETE FROM acme_ads.deliveries');
    const refused = await harness.run(short);
    expect(refused.status).toBe('partial success');
    expect(deliveryOf(refused)).toMatchObject({
      partitions: { delivered: 0 },
      errors: [{ code: 'TargetRefused', message: expect.stringContaining('"adopt": true') as unknown }],
    });
    expect((await harness.run({ ...short, targets: [{ ...TARGET, adopt: true }] })).status).toBe('success');
    // They are left to stand, as it was said: each row is there twice.
    const columns = await columnsOf(storeOf(harness), 'acme_ads', 'campaign_analytics');
    expect(await lakeLines(platform, 'acme-ads', 'campaign_analytics', columns)).toHaveLength(2 * rows);
  });
});
