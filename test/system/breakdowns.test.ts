// The ad account's own numbers, and numbers by targeting types: the same promises as for all others.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { ObjectType } from '../../src/dataflow/object-types.js';
import type { DryRun } from '../../src/activities/dry-run.js';
import { newDatabase } from '../support/databases.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, storedLinesBy, trueLines, trueLinesBy } from '../support/truth.js';

const DAYS = 40;
const OBJECTS = [
  { type: 'ad_accounts', breakdowns: ['COUNTRY'] },
  { type: 'campaigns', ids: 'all', breakdowns: ['AGE_BUCKET', 'GENDER'] },
  { type: 'ads', ids: 'all', breakdowns: ['APPTYPE'] },
] as const;
const SMALL = { id: ACCOUNT, campaigns: 4, adGroups: 4, ads: 8 };

let harness: Harness;
afterEach(() => harness.close());

const expectTruth = async (store: string): Promise<void> => {
  const today = dateOf(Date.now());
  const { generator } = harness.simulator;
  for (const { type, breakdowns } of OBJECTS) {
    const question = {
      accountId: ACCOUNT,
      objectType: type as ObjectType,
      from: addDays(today, 1 - DAYS),
      to: today,
    };
    const rows = trueLines(generator, question);
    expect(rows.length).toBeGreaterThan(20);
    expect(await storedLines(store, 'acme_ads', question)).toEqual(rows);
    for (const breakdown of breakdowns)
      expect(await storedLinesBy(store, 'acme_ads', breakdown, question)).toEqual(
        trueLinesBy(generator, breakdown, question),
      );
  }
};

const stores = { DuckDB: () => Promise.resolve(null), PostgreSQL: newDatabase };

test.each(['DuckDB', 'PostgreSQL'] as const)(
  '%s holds them to the cell, under faults, for the calls that the plan said; read again, nothing is doubled',
  async (kind) => {
    const database = await stores[kind]();
    harness = await Harness.start({
      simulator: {
        adAccounts: [SMALL],
        faults: [
          { effect: 'server-error', times: 2, route: ['analytics'] },
          // In the second run: what a chunk costs that is cut in two, no plan knows.
          { effect: 'cut-short', skip: 12, times: 2, route: ['analytics'] },
        ],
      },
      ...(database && { environment: { STORE_URL: database } }),
    });
    const store = database ?? harness.storePath;
    const spec = specOf({ objects: OBJECTS, backfillDays: DAYS });
    const plan = (await (await harness.begin(spec, { type: 'planDataflow' })).result()) as DryRun;
    expect(plan.chunks.filter(({ breakdown }) => breakdown !== undefined)).toHaveLength(4);
    const first = await harness.run(spec);
    expect(first.statusSummary).toEqual({ status: 'success', errors: [] });
    expect(first.apiCalls.analytics).toBe(plan.apiCalls.analytics + first.apiCalls.retried);
    await expectTruth(store);

    const second = await harness.run(spec);
    expect(second).toMatchObject({ status: 'success', restated: { rowsChanged: 0 } });
    expect(second.restated.cells).toBeGreaterThan(0);
    await expectTruth(store);
    const dates = await query(
      store,
      'SELECT table_name, count(*)::INTEGER AS days FROM acme_ads.freshness WHERE breakdown IS NOT NULL GROUP BY 1 ORDER BY 1',
    );
    expect(dates).toEqual([
      { table_name: 'ad_account_targeting_analytics', days: DAYS },
      { table_name: 'ad_targeting_analytics', days: DAYS },
      { table_name: 'campaign_targeting_analytics', days: 2 * DAYS },
    ]);
  },
);

test('a row that does not fit costs its own cell only, by its breakdown', async () => {
  harness = await Harness.start({
    simulator: {
      adAccounts: [SMALL],
      faults: [
        {
          effect: 'row-text-metric',
          times: 1,
          when: ({ query }) => query.get('targeting_types') === 'GENDER',
        },
      ],
    },
  });
  const spec = specOf({
    objects: [{ type: 'campaigns', ids: 'all', breakdowns: ['GENDER', 'PLACEMENT'] }],
    backfillDays: 5,
  });
  const run = await harness.run({ ...spec, errorThresholdPercent: 50 });
  expect(run.recordSummary.failedRecordCount).toBe(1);
  expect(await query(harness.storePath, 'SELECT object_type, breakdown FROM acme_ads.rejected_rows')).toEqual(
    [{ object_type: 'campaigns', breakdown: 'GENDER' }],
  );
  expect(
    await query(harness.storePath, 'SELECT breakdown FROM acme_ads.coverage WHERE NOT complete GROUP BY 1'),
  ).toEqual([{ breakdown: 'GENDER' }]);
});
