// The views of a dataflow's schema: what a person reads instead of ids, micro-units and JSON.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { noCalls, type FlowRun } from '../../src/dataflow/flow-run.js';
import { criteriaOf, needWith } from '../dataflow/needs.js';
import { change, query } from '../support/store-reader.js';
import { ACCOUNT, load, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const COLUMNS = [
  'SPEND_IN_MICRO_DOLLAR',
  'IMPRESSION_1',
  'CLICKTHROUGH_1',
  'CTR',
  'CPC_IN_MICRO_DOLLAR',
  'TOTAL_IMPRESSION_FREQUENCY',
];
const { adAccountId } = ACCOUNT;

const run: FlowRun = {
  id: 'a-run',
  status: 'partial success',
  durationSummary: { startedAtUTC: '2026-05-31T10:00:00.000Z', completedAtUTC: '2026-05-31T10:00:02.500Z' },
  sizeSummary: { inputBytes: 1_000, outputBytes: 300 },
  recordSummary: { inputRecordCount: 12, outputRecordCount: 10, failedRecordCount: 2 },
  statusSummary: { status: 'partial success', errors: [{ code: 'OutOfReach', message: `it's "far"` }] },
  apiCalls: { ...noCalls(), analytics: 3, reports: 2, total: 5 },
  window: { from: '2026-05-27', to: '2026-05-31' },
  waitedForQuotaMs: 7,
  restated: { cells: 4, rowsChanged: 1, oldestDateChanged: '2026-05-28' },
};

onEachStore((current) => {
  const read = (sql: string) => query(current().source, sql);
  const campaign = (id: string, fields: Record<string, unknown> = {}) => ({
    id,
    name: `Campaign ${id}`,
    ...fields,
  });
  const catalogue = async (): Promise<void> => {
    const { store } = current();
    const account = { id: adAccountId, name: 'Acme', currency: 'EUR', country: 'DE', permissions: [] };
    await store.catalogue.saveAdAccount(ACCOUNT, account, noon);
    const one = campaign('1', { created_time: 1_700_000_000, daily_spend_cap: 2_500_000, status: 'ACTIVE' });
    const wild = campaign('2', { created_time: '9000000000000000000' });
    await store.catalogue.savePage(ACCOUNT, 'campaigns', [one, wild], noon, null);
    await store.catalogue.savePage(
      ACCOUNT,
      'ad_groups',
      [{ id: '3', name: 'Group', campaign_id: '1' }],
      noon,
      null,
    );
  };

  test('numbers have names, the currency, money in its units, and rates that are quotients', async () => {
    const { store } = current();
    const spec = specOf(COLUMNS);
    await prepareTables(store, spec);
    await catalogue();
    const row = { CAMPAIGN_ID: '1', DATE: '2026-05-30', SPEND_IN_MICRO_DOLLAR: 2_500_000, IMPRESSION_1: 200 };
    const rows = [
      { ...row, CLICKTHROUGH_1: 5, CTR: 99, TOTAL_IMPRESSION_FREQUENCY: 1.5 },
      { ...row, DATE: '2026-05-31' },
    ];
    await load(store, { spec, ids: 'all', rows });
    expect(
      await read(
        `SELECT ad_account_name, currency, campaign_id, campaign_name, status, date::TEXT AS date, spend, impression_1, ctr, cpc, cpm,
           total_impression_frequency FROM acme_ads.campaign_daily ORDER BY date`,
      ),
    ).toEqual([
      {
        ad_account_name: 'Acme',
        currency: 'EUR',
        campaign_id: '1',
        campaign_name: 'Campaign 1',
        status: 'ACTIVE',
        date: '2026-05-30',
        spend: 2.5,
        impression_1: 200,
        ctr: 0.025,
        cpc: 0.5,
        cpm: 12.5,
        total_impression_frequency: 1.5,
      },
      expect.objectContaining({ date: '2026-05-31', spend: 2.5, ctr: null, cpc: null, cpm: 12.5 }),
    ]);
  });

  test('ids and names stand first, then counts, money, what does not add up, and computed rates', async () => {
    const { store, source } = current();
    await prepareTables(store, specOf(COLUMNS));
    const columns = await query(
      source,
      `SELECT column_name FROM information_schema.columns WHERE table_schema = 'acme_ads' AND table_name = 'campaign_daily'
       ORDER BY ordinal_position`,
    );
    expect(columns.map((row) => row['column_name'])).toEqual([
      ...['ad_account_id', 'ad_account_name', 'currency', 'campaign_id', 'campaign_name', 'status', 'date'],
      ...['impression_1', 'clickthrough_1', 'spend', 'total_impression_frequency', 'ctr', 'cpc', 'cpm'],
    ]);
  });

  test("hours are summed to days; what does not add up has no day's value", async () => {
    const { store } = current();
    const spec = specOf(COLUMNS, { granularity: 'HOUR', backfillDays: 3 });
    await prepareTables(store, spec);
    const row = {
      CAMPAIGN_ID: '1',
      DATE: '2026-05-30',
      SPEND_IN_MICRO_DOLLAR: 1_000_000,
      IMPRESSION_1: 100,
      CLICKTHROUGH_1: 1,
    };
    const rows = [
      { ...row, HOUR: 1 },
      { ...row, HOUR: 2, CLICKTHROUGH_1: 3 },
    ];
    await load(store, { spec, ids: 'all', rows, from: '2026-05-29' });
    const days = await read('SELECT * FROM acme_ads.campaign_daily');
    expect(days).toMatchObject([{ spend: 2, impression_1: 200, clickthrough_1: 4, ctr: 0.02, cpc: 0.5 }]);
    expect(days[0]).not.toHaveProperty('total_impression_frequency');
  });

  test('a column that comes later shows, and views that were made of ours stand', async () => {
    const { store, source } = current();
    await prepareTables(store, specOf(['SPEND_IN_MICRO_DOLLAR']));
    await change(source, 'CREATE VIEW acme_ads.of_an_analyst AS SELECT spend FROM acme_ads.campaign_daily');
    await prepareTables(store, specOf(['IMPRESSION_1', 'SPEND_IN_MICRO_DOLLAR']));
    expect(await read('SELECT spend, impression_1 FROM acme_ads.campaign_daily')).toEqual([]);
    expect(await read('SELECT spend FROM acme_ads.of_an_analyst')).toEqual([]);
  });

  test("another's table under the name of a view stays as it is", async () => {
    const { store, source } = current();
    await prepareTables(store, specOf());
    await change(source, 'DROP VIEW acme_ads.runs');
    await change(source, 'CREATE TABLE acme_ads.runs (kilometres BIGINT)');
    await prepareTables(store, specOf(['IMPRESSION_1']));
    expect(await read('SELECT kilometres FROM acme_ads.runs')).toEqual([]);
  });

  test('the catalogue has times as timestamps, amounts in units of the currency, and the names of what is above', async () => {
    const { store } = current();
    await prepareTables(store, specOf());
    await catalogue();
    const epoch = '(extract(epoch FROM created_time))::INTEGER AS created';
    expect(
      await read(
        `SELECT campaign_id, campaign_name, currency, ${epoch}, daily_spend_cap FROM acme_ads.campaign_details ORDER BY 1`,
      ),
    ).toEqual([
      {
        campaign_id: '1',
        campaign_name: 'Campaign 1',
        currency: 'EUR',
        created: 1_700_000_000,
        daily_spend_cap: 2.5,
      },
      // A time that is beyond every calendar is absent, and spoils nothing else.
      {
        campaign_id: '2',
        campaign_name: 'Campaign 2',
        currency: 'EUR',
        created: null,
        daily_spend_cap: null,
      },
    ]);
    expect(
      await read('SELECT ad_group_id, ad_group_name, campaign_name FROM acme_ads.ad_group_details'),
    ).toEqual([{ ad_group_id: '3', ad_group_name: 'Group', campaign_name: 'Campaign 1' }]);
  });

  test('a run has one column for each figure of its record', async () => {
    const { store } = current();
    await prepareTables(store, specOf());
    await store.runs.save(ACCOUNT, 'acme-ads', run);
    const whole = ['output_rows', 'rejected_rows', 'total_calls', 'restated_rows', 'error_count'];
    expect(
      await read(
        `SELECT status, seconds, window_from::TEXT AS window_from, ${whole.map((name) => `${name}::INTEGER AS ${name}`).join(', ')},
           oldest_date_restated::TEXT AS oldest, first_error_code, first_error_message FROM acme_ads.runs`,
      ),
    ).toEqual([
      {
        status: 'partial success',
        seconds: 2.5,
        window_from: '2026-05-27',
        output_rows: 10,
        rejected_rows: 2,
        total_calls: 5,
        restated_rows: 1,
        error_count: 1,
        oldest: '2026-05-28',
        first_error_code: 'OutOfReach',
        first_error_message: `it's "far"`,
      },
    ]);
  });

  test('each date is final, provisional, stale or never read, with the day on which it will be final', async () => {
    const { store } = current();
    await prepareTables(store, specOf());
    const today = dateOf(Date.now());
    const ago = (days: number) => addDays(today, -days);
    const criteria = {
      columns: ['CTR'],
      attribution: '30/30/1',
      granularity: 'DAY',
      restateDays: 0,
      freshSinceMs: 0,
    } as const;
    const row = {
      scope: '*',
      columns: ['CTR'],
      attribution: '30/30/1',
      granularity: 'DAY',
      complete: true,
      knownIdsAtMs: null,
    } as const;
    const need = needWith({ objects: null, periods: [], criteria: criteriaOf(criteria) });
    await store.wanted.keep(ACCOUNT, [need], 4);
    const midnight = Date.parse(`${today}T00:00:00Z`);
    const coverage = [
      { ...row, from: ago(2), to: ago(2), askedForMs: midnight + 1 },
      { ...row, from: ago(1), to: ago(1), askedForMs: midnight - 1 },
      { ...row, from: today, to: today, askedForMs: midnight + 1 },
    ];
    await store.cells.forget(ACCOUNT, need, () => ({ coverage, cells: 0 }));
    expect(
      await read(
        'SELECT table_name, date::TEXT AS date, state, final_on::TEXT AS final_on FROM acme_ads.freshness ORDER BY date',
      ),
    ).toEqual([
      { table_name: 'campaign_analytics', date: ago(3), state: 'never read', final_on: ago(1) },
      { table_name: 'campaign_analytics', date: ago(2), state: 'final', final_on: today },
      { table_name: 'campaign_analytics', date: ago(1), state: 'stale', final_on: ago(-1) },
      { table_name: 'campaign_analytics', date: today, state: 'provisional', final_on: ago(-2) },
    ]);
  });

  test('each column of numbers says what it means, also one that comes later', async () => {
    const { store, source } = current();
    await prepareTables(store, specOf(['CTR']));
    await prepareTables(store, specOf(['CTR', 'SPEND_IN_MICRO_DOLLAR', 'VIDEO_3SEC_VIEWS_2']));
    const told = source.startsWith('postgres')
      ? `SELECT a.attname AS name, col_description(a.attrelid, a.attnum) AS told FROM pg_attribute a
         WHERE a.attrelid = 'acme_ads.campaign_analytics'::regclass AND a.attnum > 0`
      : `SELECT column_name AS name, comment AS told FROM duckdb_columns()
         WHERE schema_name = 'acme_ads' AND table_name = 'campaign_analytics'`;
    const rows = await read(told);
    expect(Object.fromEntries(rows.map(({ name, told }) => [name, told]))).toEqual({
      ad_account_id: "The ad account's id",
      campaign_id: "The campaign's id",
      date: "The period's first day, UTC; of a TOTAL its last",
      ctr: 'Clicks on ads for each time they were shown',
      spend_in_micro_dollar: "What was spent; millionths of the ad account's currency",
      video_3sec_views_2:
        "Pinterest's reporting column VIDEO_3SEC_VIEWS_2; earned: of Pins that people had saved from ads",
      _loaded_at: 'When the numbers were asked for, UTC',
    });
  });

  test('a schema of an earlier version gets the views', async () => {
    const { store, source } = current();
    await prepareTables(store, specOf());
    const views = await read(
      `SELECT table_name AS name FROM information_schema.views WHERE table_schema = 'acme_ads' ORDER BY 1`,
    );
    expect(views.map(({ name }) => name)).toContain('campaign_daily');
    for (const { name } of views) await change(source, `DROP VIEW acme_ads.${String(name)}`);
    await change(source, 'DROP TABLE acme_ads.wanted');
    await change(source, 'UPDATE acme_ads.schema_version SET version = 3');
    await store.schemas.make('acme-ads');
    expect(
      await read(
        `SELECT table_name AS name FROM information_schema.views WHERE table_schema = 'acme_ads' ORDER BY 1`,
      ),
    ).toEqual(views);
  });
});
