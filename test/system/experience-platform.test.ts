// Experience Platform as a target: what a reader of the data lake sees equals the store, cell by cell, whatever happened in between.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  startExperiencePlatform,
  type ExperiencePlatform,
} from '../../simulator/experience-platform/server.js';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { factsOf, OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { newDatabase } from '../support/databases.js';
import { deliveryOf, columnsOf, environmentOf, lakeLines, storeLines, STORES } from '../support/delivered.js';
import { Harness, progressUntil, specOf } from '../support/harness.js';
import { change, query } from '../support/store-reader.js';
import { textIn } from '../support/text-in.js';
import { connect, makeDataset } from '../simulator/experience-platform/client.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
const TABLES = OBJECT_TYPES.map((type) => factsOf(type).analyticsTable);
const TARGET = { kind: 'experience-platform', sandbox: 'prod', dataset: 'acme-ads' };
const NAME = 'experience-platform prod/acme-ads';
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'TOTAL_CONVERSIONS'];
const specWith = (source: object = {}, more: object = {}) =>
  specOf({ objects: EVERYTHING, columns: COLUMNS, ...source }, { targets: [TARGET], ...more });

let platform: ExperiencePlatform;
beforeEach(async () => {
  platform = await startExperiencePlatform();
});
afterEach(() => platform.close());

describe.each(STORES)('out of %s', (_, storeOf, storeEnvironment) => {
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

describe('a small dataflow', () => {
  let harness: Harness;
  const campaigns = (target: object = {}) => ({
    ...specWith({ objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 20 }),
    targets: [{ ...TARGET, ...target }],
  });
  const begin = async (changes: Record<string, string> = {}): Promise<void> => {
    harness = await Harness.start({ worker: false, environment: environmentOf(platform) });
    await harness.startWorkerProcess(changes, 'test/support/worker.mjs');
  };
  afterEach(() => harness.close());

  const expectRefused = (run: FlowRun, message: RegExp): void => {
    expect(run.recordSummary.outputRecordCount).toBeGreaterThan(100);
    expect(deliveryOf(run)).toMatchObject({
      partitions: { delivered: 0 },
      rows: 0,
      errors: [{ code: 'TargetRefused', message: expect.stringMatching(message) as unknown }],
    });
    expect(platform.log.filter(({ route }) => route === 'create-batch')).toEqual([]);
  };

  test('a mapping says what rows look like, and all of them once it says something else', async () => {
    await begin();
    const mapping = {
      '_acme.campaign.id': 'campaign_id',
      '_acme.campaign.day': 'date',
      '_acme.spend': 'spend_in_micro_dollar / 1000000',
      '_acme.label': '"campaign " & campaign_id',
    };
    const run = await harness.run(campaigns({ mapping }));
    expect(run.statusSummary.errors).toEqual([]);
    const columns = ['campaign_id', 'date', 'spend_in_micro_dollar'];
    const stored = () => storeLines(harness.storePath, 'acme_ads', 'campaign_analytics', columns);
    const seen = async (label: (id: string) => string, perUnit: number): Promise<string[]> => {
      const lines: string[] = [];
      for await (const row of platform.lake.rows('prod', 'acme-ads')) {
        const mapped = row['_acme'] as {
          campaign: { id: string; day: string };
          spend: number;
          label: string;
        };
        const { id, day } = mapped.campaign;
        expect(mapped.label).toBe(label(id));
        lines.push(`${id}|${day}|${Math.round(mapped.spend * perUnit)}`);
      }
      return lines.sort();
    };
    expect(await seen((id) => `campaign ${id}`, 1_000_000)).toEqual(await stored());

    const inCents = {
      ...mapping,
      '_acme.spend': 'spend_in_micro_dollar / 10000',
      '_acme.label': 'campaign_id',
    };
    const changed = await harness.run(campaigns({ mapping: inCents }));
    expect(deliveryOf(changed)).toMatchObject({ partitions: { failed: 0 }, errors: [] });
    expect(await seen((id) => id, 10_000)).toEqual(await stored());
    const reordered = Object.fromEntries(Object.entries(inCents).reverse());
    const again = deliveryOf(await harness.run(campaigns({ mapping: reordered })));
    // At midnight a week of today's may be due.
    expect(again.partitions.due).toBeLessThanOrEqual(1);
  });

  test.each([
    [
      'one whose expression fails on a row',
      { '_acme.x': 'campaign_id + 1' },
      /mapping\["_acme\.x"\]: .*must evaluate to a number.*in the row of ad_account_id 549755885175, campaign_id \d+, date/,
    ],
    [
      'one that yields nothing',
      { '_acme.day': 'date', '_acme.x': 'spend' },
      /mapping\["_acme\.x"\]: "spend" gives nothing on any row\. The columns: .*spend_in_micro_dollar/,
    ],
    [
      'a regular expression that never ends',
      { '_acme.x': '$match($pad("", 40, "a") & "!", /^(a?a+)+$/)' },
      /mapping\["_acme\.x"\]: takes longer than 10 s/,
    ],
    [
      'a path of nobody’s',
      { spend: 'spend_in_micro_dollar' },
      /No field group of yours can have spend.*below _acme/,
    ],
  ])('a mapping is refused before anything is sent: %s', async (_, mapping, message) => {
    await begin();
    const run = await harness.run(campaigns({ mapping }));
    expect(run.status).toBe('partial success');
    expectRefused(run, message);
  });

  test('a mapping is refused if the schema that is there lacks a field, or has it with another type', async () => {
    await begin();
    await makeDataset(await connect(platform), 'theirs');
    const mapping = { '_acme.campaign_id': 'campaign_id', '_acme.impressions': 'total_impression' };
    expectRefused(
      await harness.run(campaigns({ dataset: 'theirs', mapping })),
      /lacks _acme\.impressions: add that field/,
    );
    const wrong = { '_acme.ctr': 'campaign_id' };
    expectRefused(
      await harness.run(campaigns({ dataset: 'theirs', mapping: wrong })),
      /_acme\.ctr is of type number in .*values are of type string/,
    );
    const right = { '_acme.campaign_id': 'campaign_id', '_acme.clicks': 'total_impression' };
    const run = await harness.run(campaigns({ dataset: 'theirs', mapping: right }));
    expect(run).toMatchObject({ status: 'success', statusSummary: { errors: [] } });
    expect(deliveryOf(run).errors).toEqual([]);
  });

  test('one that is down holds back neither the store nor the next run', async () => {
    await begin();
    const { url } = platform;
    await platform.close();
    const run = await harness.run(campaigns());
    expect(run.status).toBe('partial success');
    expect(run.recordSummary.outputRecordCount).toBeGreaterThan(100);
    expect(deliveryOf(run)).toMatchObject({
      partitions: { delivered: 0 },
      errors: [{ code: 'TargetUnavailable', message: expect.stringContaining('Cannot reach') as unknown }],
    });
    platform = await startExperiencePlatform({ port: Number(new URL(url).port) });
    const next = await harness.run(campaigns());
    expect(next.status).toBe('success');
    expect(deliveryOf(next).partitions.delivered).toBe(deliveryOf(run).partitions.due);
  });

  const expectExact = async (): Promise<void> => {
    const columns = await columnsOf(harness.storePath, 'acme_ads', 'campaign_analytics');
    const stored = await storeLines(harness.storePath, 'acme_ads', 'campaign_analytics', columns);
    expect(stored.length).toBeGreaterThan(100);
    expect(await lakeLines(platform, 'acme-ads', 'campaign_analytics', columns)).toEqual(stored);
  };
  const looks = () => platform.log.filter(({ route }) => route === 'batch-status');

  test('batches that the catalog hears of late are waited for, and none is sent twice', async () => {
    await begin();
    platform.settings.faults = [{ effect: 'not-found', route: 'batch-status', times: 8 }];
    const run = await harness.run(campaigns());
    expect(run.status).toBe('success');
    const { due } = deliveryOf(run).partitions;
    expect(platform.log.filter(({ route }) => route === 'create-batch')).toHaveLength(due);
    await expectExact();
  });

  test('one batch that cannot be looked at holds back no other', async () => {
    await begin();
    let odd: string | undefined;
    let seen = 0;
    platform.settings.faults = [
      { effect: 'batch-slow', polls: 1 },
      {
        effect: 'server-error',
        route: 'batch-status',
        // All but the first look at the first batch.
        when: ({ path }) => path === (odd ??= path) && seen++ > 0,
        times: 9,
      },
    ];
    const run = await harness.run(campaigns());
    expect(run.status).toBe('success');
    const [others, its] = [
      looks().filter(({ path }) => path !== odd),
      looks().filter(({ path }) => path === odd),
    ];
    expect(its.filter(({ status }) => status === 500)).toHaveLength(9);
    expect(others.at(-1)!.at).toBeLessThan(its.at(-1)!.at);
    await expectExact();
  });

  test('a batch of an earlier run that is still on its way is followed by what the store holds by now', async () => {
    await begin();
    platform.settings.faults = [{ effect: 'batch-slow', polls: 5 }];
    const first = await harness.begin(campaigns());
    await progressUntil(first, () => looks().length >= 4);
    await first.cancel();
    await first.result().catch(() => undefined);
    platform.settings.faults = [];
    await change(harness.storePath, 'UPDATE acme_ads.campaign_analytics SET total_impression = 7');
    const run = await harness.run(campaigns());
    expect(run.status).toBe('success');
    await expectExact();
  });

  test('rows that the platform leaves out make a partial success, and are kept with their reasons', async () => {
    await begin();
    platform.settings.faults = [{ effect: 'batch-partial', rows: 1, times: 1 }];
    // On a Monday a week has so few rows that one is more than the usual five percent.
    const run = await harness.run(campaigns({ errorThresholdPercent: 50 }));
    expect(run.status).toBe('partial success');
    expect(deliveryOf(run)).toMatchObject({ failedRows: 1, partitions: { failed: 0 } });
    const kept = await query(harness.storePath, 'SELECT raw, reason, target FROM acme_ads.rejected_rows');
    expect(kept).toEqual([
      {
        raw: expect.stringContaining('"ad_account_id":"549755885175"') as unknown,
        reason: '1501 The simulator was told to fail this row',
        target: NAME,
      },
    ]);
  });

  test('the secret and every token are nowhere to be found, at the finest level of the log', async () => {
    const secret = `s3cr3t-${randomUUID()}`;
    platform.settings.clientSecret = secret;
    harness = await Harness.start({
      worker: false,
      environment: { ...environmentOf(platform), LOG_LEVEL: 'trace' },
    });
    const worker = await harness.startWorkerProcess({}, 'test/support/worker.mjs');
    platform.settings.faults = [
      { effect: 'expire-token', route: 'registry', times: 1 },
      { effect: 'expire-token', route: 'upload', times: 1 },
      { effect: 'throttle', route: 'upload', times: 1 },
      { effect: 'batch-fails', times: 1 },
    ];
    const handle = await harness.begin(campaigns());
    await handle.result();
    platform.settings.clientSecret = 'another';
    platform.settings.faults = [{ effect: 'expire-token' }];
    await change(harness.storePath, 'DELETE FROM acme_ads.deliveries');
    const refused = await harness.begin(campaigns({ adopt: true }));
    await refused.result();
    await worker.kill('SIGTERM');
    const tokens = platform.tokens.issued();
    expect(tokens.length).toBeGreaterThan(2);
    const seen = [
      worker.log(),
      textIn(await handle.fetchHistory()),
      textIn(await refused.fetchHistory()),
      (await readFile(harness.storePath)).toString('latin1'),
    ];
    for (const text of seen) {
      expect(text).toContain('acme-ads');
      for (const word of [secret, ...tokens]) expect(text.includes(word.slice(8))).toBe(false);
    }
  });
});

test('several ad accounts in one dataflow, on PostgreSQL with two workers: one dataset, nobody’s weeks replace another’s', async () => {
  const accounts = ['549755885175', '549755885176', '549755885177'];
  const storeUrl = await newDatabase();
  const harness = await Harness.start({
    worker: false,
    environment: { STORE_URL: storeUrl, ...environmentOf(platform) },
    simulator: { adAccounts: accounts.map((id) => ({ id, campaigns: 5, adGroups: 8, ads: 12 })) },
  });
  try {
    for (let i = 0; i < 2; i++) await harness.startWorkerProcess({}, 'test/support/worker.mjs');
    const spec = { ...specWith({ backfillDays: 40 }), connection: { adAccountIds: accounts } };
    const run = await harness.run(spec);
    expect(run.statusSummary.errors).toEqual([]);
    expect(platform.lake.datasets('prod').map(({ name }) => name)).toEqual(['acme-ads']);
    for (const table of TABLES) {
      const columns = await columnsOf(storeUrl, 'acme_ads', table);
      const stored = await storeLines(storeUrl, 'acme_ads', table, columns);
      expect(new Set(stored.map((line) => line.split('|')[0]))).toEqual(new Set(accounts));
      expect(await lakeLines(platform, 'acme-ads', table, columns)).toEqual(stored);
    }
  } finally {
    await harness.close();
  }
});
