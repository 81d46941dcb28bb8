// The views that Fivetran's dbt package reads: every column that its staging models name, filled where something is known.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { emptyInViews } from '../../src/dataflow/fivetran.js';
import type { DataflowSpec } from '../../src/dataflow/spec.js';
import { change, query } from '../support/store-reader.js';
import { ACCOUNT, load, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const words = (text: string): string[] => text.trim().split(/\s+/).sort();
const METRICS = `clickthrough_1 clickthrough_2 impression_1 impression_2 spend_in_micro_dollar total_conversions
  total_conversions_quantity total_conversions_value_in_micro_dollar date advertiser_id _fivetran_synced`;
/** As the staging models of dbt_pinterest 0.10 to 1.3 name them. */
const WANTED: Record<string, string[]> = {
  advertiser_history: words(
    '_fivetran_synced country created_time currency id owner_user_id owner_username name permissions updated_time',
  ),
  campaign_history: words(
    `_fivetran_synced created_time default_ad_group_budget_in_micro_currency is_automated_campaign
     is_campaign_budget_optimization is_flexible_daily_budgets id advertiser_id name status start_time end_time
     budget_spend_cap lifetime_spend_cap objective_type`,
  ),
  ad_group_history: words(
    `_fivetran_synced campaign_id created_time end_time id ad_account_id name pacing_delivery_type placement_group start_time
     status summary_status`,
  ),
  pin_promotion_history: words(
    `_fivetran_synced ad_group_id ad_account_id android_deep_link click_tracking_url created_time creative_type destination_url
     id ios_deep_link is_pin_deleted is_removable name pin_id review_status status updated_time view_tracking_url`,
  ),
  advertiser_report: words(METRICS),
  campaign_report: words(`${METRICS} campaign_id campaign_name campaign_status`),
  ad_group_report: words(`${METRICS} ad_group_id ad_group_name ad_group_status campaign_id`),
  pin_promotion_report: words(`${METRICS} ad_group_id campaign_id pin_promotion_id`),
};

const withViews = (columns: readonly string[]): DataflowSpec => ({ ...specOf(columns), views: 'fivetran' });

onEachStore((current) => {
  const read = (sql: string) => query(current().source, sql);
  const columnsOf = async (view: string): Promise<string[]> => {
    const rows = await read(
      `SELECT column_name AS name FROM information_schema.columns
       WHERE table_schema = 'acme_ads_fivetran' AND table_name = '${view}' ORDER BY 1`,
    );
    return rows.map(({ name }) => String(name)).sort();
  };

  test('each has the columns that its staging model names', async () => {
    await prepareTables(current().store, withViews(['IMPRESSION_1']));
    for (const [view, columns] of Object.entries(WANTED)) expect(await columnsOf(view)).toEqual(columns);
  });

  test('numbers, names and times are those of the dataflow; what it comes to read is there from then on', async () => {
    const { store, source } = current();
    await prepareTables(store, withViews(['SPEND_IN_MICRO_DOLLAR']));
    await change(
      source,
      'CREATE VIEW acme_ads_fivetran.mine AS SELECT spend_in_micro_dollar FROM acme_ads_fivetran.campaign_report',
    );
    const spec = withViews(['SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1', 'TOTAL_CHECKOUT']);
    await prepareTables(store, spec);
    await store.catalogue.savePage(
      ACCOUNT,
      'campaigns',
      [{ id: '1', name: 'Spring', status: 'ACTIVE', created_time: 1_700_000_000 }],
      noon,
      null,
    );
    const row = {
      CAMPAIGN_ID: '1',
      DATE: '2026-05-30',
      SPEND_IN_MICRO_DOLLAR: 7,
      IMPRESSION_1: 5,
      TOTAL_CHECKOUT: 2,
    };
    await load(store, { spec, ids: 'all', rows: [row] });
    expect(
      await read(
        `SELECT advertiser_id, campaign_id, campaign_name, campaign_status, (extract(epoch FROM "date"))::INTEGER AS at,
           spend_in_micro_dollar, impression_1, impression_2, total_checkout FROM acme_ads_fivetran.campaign_report`,
      ),
    ).toEqual([
      {
        advertiser_id: ACCOUNT.adAccountId,
        campaign_id: '1',
        campaign_name: 'Spring',
        campaign_status: 'ACTIVE',
        at: Date.UTC(2026, 4, 30) / 1000,
        spend_in_micro_dollar: 7,
        impression_1: 5,
        impression_2: null,
        // Beyond the package's own: for its pass-through metrics.
        total_checkout: 2,
      },
    ]);
    expect(
      await read(
        `SELECT id, (extract(epoch FROM created_time))::INTEGER AS at FROM acme_ads_fivetran.campaign_history`,
      ),
    ).toEqual([{ id: '1', at: 1_700_000_000 }]);
    expect(await read('SELECT spend_in_micro_dollar FROM acme_ads_fivetran.mine')).toHaveLength(1);
  });

  test('they go with the dataflow; what others have put there stays', async () => {
    const { store, source } = current();
    await prepareTables(store, withViews(['IMPRESSION_1']));
    await change(source, 'CREATE TABLE acme_ads_fivetran.mine (id TEXT)');
    await store.schemas.drop('acme-ads');
    expect(
      await read(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema LIKE 'acme_ads%'`,
      ),
    ).toEqual([{ name: 'mine' }]);
    await change(source, 'DROP TABLE acme_ads_fivetran.mine');
    await prepareTables(store, withViews(['IMPRESSION_1']));
    await store.schemas.drop('acme-ads');
    expect(
      await read(
        `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'acme_ads%'`,
      ),
    ).toEqual([]);
  });

  test('they go also if dbt has made views of them', async () => {
    const { store, source } = current();
    await prepareTables(store, withViews(['IMPRESSION_1']));
    await change(source, 'CREATE SCHEMA dbt');
    await change(
      source,
      'CREATE VIEW dbt.campaign_report_tmp AS SELECT * FROM acme_ads_fivetran.campaign_report',
    );
    await store.schemas.drop('acme-ads');
    expect(
      await read(
        `SELECT schema_name AS name FROM information_schema.schemata WHERE schema_name LIKE 'acme_ads%'`,
      ),
    ).toEqual([]);
  });

  test('a dataflow of the name of their schema is not touched', async () => {
    const { store } = current();
    await prepareTables(store, { ...specOf(), name: 'acme-ads-fivetran' });
    await expect(prepareTables(store, withViews(['IMPRESSION_1']))).rejects.toThrow(
      /views: would stand in the schema acme_ads_fivetran, which is that of the dataflow acme-ads-fivetran/,
    );
  });
});

test('a run says what they have no values of, since the package takes that for 0', () => {
  const told = emptyInViews(withViews(['SPEND_IN_MICRO_DOLLAR'])).map(({ message }) => message);
  expect(told).toContainEqual(
    expect.stringMatching(/^The view ad_group_report is empty: source.objects has no ad_groups/),
  );
  expect(told).toContainEqual(
    expect.stringMatching(/no values of IMPRESSION_1, .*TOTAL_CONVERSIONS_QUANTITY.* shows 0/),
  );
  expect(emptyInViews(specOf())).toEqual([]);
});
