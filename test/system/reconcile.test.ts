// Is it right? A store that was altered by hand is told from one that Pinterest has restated, and mended.
import { randomUUID } from 'node:crypto';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import type { Reconciliation } from '../../src/dataflow/reconcile/reconciliation.js';
import { RECONCILE } from '../../src/workflows/contract.js';
import { newDatabase } from '../support/databases.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { change, query, type Row } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
const TODAY = dateOf(Date.now());
const WINDOW = { from: addDays(TODAY, -185), to: TODAY };

let harness: Harness;
let store: string;
afterEach(() => harness.close());

const start = async (options: Parameters<typeof Harness.start>[0] = {}): Promise<void> => {
  harness = await Harness.start(options);
  store = options.environment?.['STORE_URL'] ?? harness.storePath;
};

const reconcile = async (input: Record<string, unknown> = {}): Promise<Reconciliation> => {
  const workflowId = `reconcile-${randomUUID()}`;
  const handle = await harness.begin({ name: 'acme-ads', ...input }, { type: RECONCILE, workflowId });
  return (await handle.result()) as Reconciliation;
};

/** Cells that differ, once each. */
const cellsOf = ({ differences }: Reconciliation): string[] =>
  [
    ...new Set(differences.map((one) => `${one.kind} ${one.objectType} ${one.id} ${one.from}–${one.to}`)),
  ].sort();

/** Some row of a table on a date, the busiest. */
const someRow = async (table: string, id: string, date: string): Promise<Row> =>
  (
    await query(
      store,
      `SELECT ${id} AS id, spend_in_micro_dollar AS spend FROM acme_ads.${table}
       WHERE date = '${date}' AND spend_in_micro_dollar IS NOT NULL
       ORDER BY spend_in_micro_dollar DESC LIMIT 1`,
    )
  )[0]!;

const expectTruth = async (): Promise<void> => {
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, ...WINDOW };
    const stored = await storedLines(store, 'acme_ads', question);
    expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  }
};

test('an untouched store matches, for 8 calls', async () => {
  await start();
  await harness.run(specOf({ objects: EVERYTHING }));
  const before = harness.calls();
  const found = await reconcile();

  expect(found).toMatchObject({
    status: 'match',
    adAccountId: ACCOUNT,
    window: WINDOW,
    differences: [],
    apiCalls: 8,
  });
  expect(harness.calls() - before).toBe(8);
  const spend = found.checks.filter(({ column }) => column === 'SPEND_IN_MICRO_DOLLAR');
  expect(spend.map(({ objectType }) => objectType).sort()).toEqual([
    'ad_accounts',
    'ad_groups',
    'ads',
    'campaigns',
  ]);
  const [sum] = await query(store, 'SELECT sum(spend_in_micro_dollar) AS sum FROM acme_ads.ad_analytics');
  const ads = spend.find(({ objectType }) => objectType === 'ads')!;
  expect([ads.store, ads.pinterest]).toEqual([sum!['sum'], sum!['sum']]);
  expect(found.notCompared.find(({ column }) => column === 'CTR')?.why).toMatch(/rate/);
  const kept = await query(
    store,
    'SELECT status, api_calls::INTEGER AS calls, result FROM acme_ads.reconciliations',
  );
  expect(kept).toMatchObject([{ status: 'match', calls: 8 }]);
  expect(JSON.parse(kept[0]!['result'] as string)).toEqual(found);
});

test.each(['DuckDB', 'PostgreSQL'])(
  'a row altered, one deleted and one doubled are each found and read again, and nothing else is, in %s',
  async (database) => {
    await start(database === 'DuckDB' ? {} : { environment: { STORE_URL: await newDatabase() } });
    await harness.run(specOf({ objects: EVERYTHING }));
    const [recent, older, oldest] = [addDays(TODAY, -50), addDays(TODAY, -120), addDays(TODAY, -150)];
    const altered = await someRow('ad_analytics', 'ad_id', recent);
    const deleted = await someRow('ad_group_analytics', 'ad_group_id', older);
    const doubled = await someRow('campaign_analytics', 'campaign_id', oldest);
    await change(
      store,
      `UPDATE acme_ads.ad_analytics SET spend_in_micro_dollar = spend_in_micro_dollar + 7
       WHERE ad_id = '${String(altered['id'])}' AND date = '${recent}'`,
    );
    await change(
      store,
      `DELETE FROM acme_ads.ad_group_analytics WHERE ad_group_id = '${String(deleted['id'])}' AND date = '${older}'`,
    );
    await change(
      store,
      `INSERT INTO acme_ads.campaign_analytics SELECT * FROM acme_ads.campaign_analytics
       WHERE campaign_id = '${String(doubled['id'])}' AND date = '${oldest}'`,
    );

    const found = await reconcile();
    expect(found.status).toBe('differs');
    const cells = [
      `wrong ad_groups ${String(deleted['id'])} ${older}–${older}`,
      `wrong ads ${String(altered['id'])} ${recent}–${recent}`,
      `wrong campaigns ${String(doubled['id'])} ${oldest}–${oldest}`,
    ];
    expect(cellsOf(found)).toEqual(cells);
    expect(found.differences.filter(({ objectType }) => objectType === 'ads')).toEqual([
      {
        objectType: 'ads',
        id: altered['id'],
        from: recent,
        to: recent,
        column: 'SPEND_IN_MICRO_DOLLAR',
        store: Number(altered['spend']) + 7,
        pinterest: Number(altered['spend']),
        kind: 'wrong',
      },
    ]);

    const read = await query(store, 'SELECT max(_loaded_at)::TEXT AS last FROM acme_ads.ad_analytics');
    const repaired = await reconcile({ repair: true });
    expect([repaired.status, cellsOf(repaired)]).toEqual(['repaired', cells]);
    expect(repaired.apiCalls).toBeLessThanOrEqual(8 + 24);
    await expectTruth();
    const again = await query(
      store,
      `SELECT ad_id AS id, date::TEXT AS date FROM acme_ads.ad_analytics WHERE _loaded_at > '${String(read[0]!['last'])}'`,
    );
    expect(again).toEqual([{ id: altered['id'], date: recent }]);
    expect(await reconcile()).toMatchObject({ status: 'match', apiCalls: 8 });
  },
);

test('what Pinterest has restated since is told from what is wrong; a repair brings both, and dates that are not covered stay so', async () => {
  let lag = 5 * 86_400_000;
  await start({ simulator: { now: () => Date.now() - lag } });
  const objects = [{ type: 'campaigns', ids: 'all' }];
  const window = { from: addDays(TODAY, -60), to: addDays(TODAY, -5) };
  await harness.run(specOf({ objects }, { window: { from: addDays(TODAY, -26), to: window.to } }));
  lag = 0;
  // Between the two nothing is covered, and so nothing is compared.
  await harness.run(specOf({ objects }, { window: { from: window.from, to: addDays(TODAY, -35) } }));
  const date = addDays(TODAY, -45);
  const { id } = await someRow('campaign_analytics', 'campaign_id', date);
  await change(
    store,
    `UPDATE acme_ads.campaign_analytics SET total_impression = 1 WHERE campaign_id = '${String(id)}' AND date = '${date}'`,
  );
  const found = await reconcile({ ...window, repair: true });
  expect(found.status).toBe('repaired');
  expect(cellsOf(found).filter((cell) => cell.startsWith('wrong'))).toEqual([
    `wrong campaigns ${String(id)} ${date}–${date}`,
  ]);
  expect(found.differences[0]!.kind).toBe('wrong');
  const restated = found.differences.filter(({ kind }) => kind === 'restated');
  expect(restated.length).toBeGreaterThan(0);
  expect(restated.every(({ from }) => from >= addDays(TODAY, -26))).toBe(true);
  expect(await reconcile(window)).toMatchObject({ status: 'match', differences: [] });
  const between = `date > '${addDays(TODAY, -35)}' AND date < '${addDays(TODAY, -26)}'`;
  expect(await query(store, `SELECT date FROM acme_ads.campaign_analytics WHERE ${between}`)).toEqual([]);
});

test('a dataflow that the store lacks, or dates the wrong way round, get a sentence and make nothing', async () => {
  await start();
  await expect(reconcile()).rejects.toMatchObject({
    cause: {
      type: 'InvalidSpec',
      message: expect.stringContaining('name: no dataflow "acme-ads" is in this store'),
    },
  });
  await expect(reconcile({ from: '2026-05-02', to: '2026-05-01' })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('to: 2026-05-01 lies before from') },
  });
  expect(harness.calls()).toBe(0);
});
