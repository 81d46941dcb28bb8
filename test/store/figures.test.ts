// What a report reads of a store: sums and counts, of one state, without changing anything.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { addDays, dateOf, mondayOf } from '../../src/dataflow/dates.js';
import { noCalls, type FlowRun } from '../../src/dataflow/flow-run.js';
import { openStore } from '../../src/store/open-store.js';
import { criteriaOf, needWith } from '../dataflow/needs.js';
import { change } from '../support/store-reader.js';
import { ACCOUNT, load, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1'];
const today = dateOf(Date.now());
const [yesterday, before] = [addDays(today, -1), addDays(today, -2)];

const need = needWith({
  objects: null,
  periods: [],
  criteria: criteriaOf({ columns: COLUMNS, restateDays: 0, freshSinceMs: 0 }),
});

const runOf = (id: string, startedAt: string, of: Partial<FlowRun> = {}): FlowRun => ({
  id,
  status: 'success',
  durationSummary: { startedAtUTC: startedAt, completedAtUTC: startedAt.replace('00.000Z', '30.000Z') },
  sizeSummary: { inputBytes: 1, outputBytes: 1 },
  recordSummary: { inputRecordCount: 3, outputRecordCount: 3, failedRecordCount: 0 },
  statusSummary: { status: 'success', errors: [] },
  apiCalls: { ...noCalls(), reports: 3, total: 3 },
  window: { from: '2026-05-27', to: '2026-05-31' },
  waitedForQuotaMs: 0,
  restated: { cells: 0, rowsChanged: 0, oldestDateChanged: null },
  ...of,
});

onEachStore((current) => {
  /** The store as a report opens it. */
  const figures = () => {
    const { source } = current();
    const url = source.startsWith('postgres') ? source : `duckdb:${source}`;
    return openStore(url, { readOnly: true }).figures.of(ACCOUNT.dataflow);
  };

  test('there is nothing of a dataflow that the store does not have', async () => {
    expect(await figures()).toBeUndefined();
    await prepareTables(current().store, { ...specOf(), name: 'another' });
    expect(await figures()).toBeUndefined();
  });

  test('a dataflow that has only its tables has empty figures', async () => {
    await prepareTables(current().store, specOf(COLUMNS));
    expect(await figures()).toEqual({
      accounts: { count: 0, listed: [] },
      freshness: [],
      numbers: null,
      objects: null,
      breakdowns: [],
      reconciled: { accounts: 0, listed: [] },
      runs: { count: 0, listed: [], days: [] },
      rejected: { rows: 0, reasons: 0, listed: [] },
    });
  });

  test('numbers are summed by date and by object in units, of the dates that are wanted', async () => {
    const { store, source } = current();
    const spec = specOf(COLUMNS);
    await prepareTables(store, spec);
    const account = {
      id: ACCOUNT.adAccountId,
      name: 'Acme',
      currency: 'EUR',
      country: 'DE',
      permissions: [],
    };
    await store.catalogue.saveAdAccount(ACCOUNT, account, noon);
    await store.catalogue.savePage(ACCOUNT, 'campaigns', [{ id: '1', name: 'One' }], noon, null);
    const claim = {
      namespace: 'default',
      workflowId: 'acme-ads',
      runId: 'a',
      claimedAtMs: noon,
      spec,
      open: true,
    };
    await store.claims.take(ACCOUNT, claim);
    await store.wanted.keep(ACCOUNT, [need], 3);
    const row = { DATE: '2026-05-31', SPEND_IN_MICRO_DOLLAR: 2_500_000, IMPRESSION_1: 10 };
    // Twenty campaigns, the tenth of twice the spend; the date is moved into the window, which is today's.
    const rows = Array.from({ length: 20 }, (_, i) => ({ ...row, CAMPAIGN_ID: String(i + 1) }));
    rows[9]!.SPEND_IN_MICRO_DOLLAR = 5_000_000;
    await load(store, { spec, ids: 'all', rows: [...rows, { ...rows[0]!, DATE: '2026-05-30' }] });
    await change(
      source,
      `UPDATE acme_ads.campaign_analytics SET date = DATE '${yesterday}' WHERE date = DATE '2026-05-31'`,
    );

    const { accounts, freshness, numbers, objects } = (await figures())!;
    expect(accounts).toEqual({
      count: 1,
      listed: [{ id: ACCOUNT.adAccountId, name: 'Acme', currency: 'EUR', country: 'DE' }],
    });
    expect(freshness).toMatchObject([{ table: 'campaign_analytics', granularity: 'DAY', restateDays: 0 }]);
    expect(freshness[0]!.dates.map(({ date }) => date)).toEqual([before, yesterday, today]);
    expect(freshness[0]!.dates[0]!.accounts).toEqual({ final: 0, provisional: 0, stale: 0, 'never read': 1 });
    expect(numbers).toMatchObject({
      table: 'campaign_analytics',
      window: { from: before, to: today },
      figures: [{ label: 'Spend' }, { label: 'Impressions, paid' }],
      currencies: [{ currency: 'EUR', accounts: 1, dates: [{ date: yesterday, sums: [52.5, 200] }] }],
      currenciesLeftOut: 0,
    });
    expect(objects!.ranked).toHaveLength(13);
    expect(objects!.ranked[0]).toEqual({ id: '10', name: null, currency: 'EUR', sums: [5, 10], count: 1 });
    expect(objects!.ranked[1]).toMatchObject({ id: '1', name: 'One' });
    expect(objects!.ranked[12]).toEqual({ id: null, name: null, currency: null, sums: [20, 80], count: 8 });
  });

  test('a date stands for its period: a week, or the days of a total', async () => {
    const { store } = current();
    await prepareTables(store, specOf(COLUMNS));
    const periods = async (granularity: 'WEEK' | 'TOTAL') => {
      const criteria = { ...need.criteria, granularity };
      await store.wanted.keep(ACCOUNT, [{ ...need, criteria }], 14);
      return (await figures())!.freshness[0]!.dates.map(({ period }) => period);
    };
    expect(await periods('TOTAL')).toEqual([{ from: addDays(today, -13), to: today }]);
    const monday = mondayOf(today);
    expect((await periods('WEEK')).at(-1)).toEqual({ from: monday, to: addDays(monday, 6) });
  });

  test('breakdowns are summed by value, the largest twelve', async () => {
    const { store, source } = current();
    const spec = specOf(COLUMNS);
    const [campaigns] = spec.source.objects;
    await prepareTables(store, {
      ...spec,
      source: { ...spec.source, objects: [{ ...campaigns!, breakdowns: ['COUNTRY'] }] },
    });
    await store.wanted.keep(ACCOUNT, [{ ...need, breakdown: 'COUNTRY' }], 3);
    const values = Array.from(
      { length: 15 },
      (_, i) => `('${ACCOUNT.adAccountId}', '1', 'COUNTRY', 'C${i}', DATE '${yesterday}', ${(i + 1) * 1e6})`,
    );
    await change(
      source,
      `INSERT INTO acme_ads.campaign_targeting_analytics
       (ad_account_id, campaign_id, targeting_type, targeting_value, date, spend_in_micro_dollar) VALUES ${values.join(', ')}`,
    );
    const [country] = (await figures())!.breakdowns;
    expect(country).toMatchObject({ type: 'COUNTRY', valuesLeftOut: 3, rankedBy: 0 });
    expect(country!.values).toHaveLength(12);
    expect(country!.values[0]).toEqual({ value: 'C14', sums: [15, null] });
  });

  test('of comparisons with Pinterest the last of each ad account counts, one that differs first', async () => {
    const { store } = current();
    await prepareTables(store, specOf(COLUMNS));
    const other = { ...ACCOUNT, adAccountId: '549755885176' };
    const window = { from: before, to: yesterday };
    const keep = (account: typeof ACCOUNT, id: string, status: 'match' | 'differs', startedAtMs: number) => {
      const { adAccountId } = account;
      const empty = { checks: [], differences: [], notCompared: [], apiCalls: 4 };
      const times = { startedAtMs, completedAtMs: startedAtMs + 1_000 };
      const result = { status, adAccountId, window, ...empty };
      const kept = { id, workflowId: 'reconcile', status, ...times, ...window, apiCalls: 4, result };
      return store.reconciliations.save(account, kept);
    };
    await keep(other, '1', 'match', noon);
    await keep(other, '2', 'differs', noon + 10_000);
    await keep(ACCOUNT, '3', 'differs', noon);
    await keep(ACCOUNT, '4', 'match', noon + 20_000);
    const { reconciled } = (await figures())!;
    expect(reconciled.accounts).toBe(2);
    expect(reconciled.listed).toMatchObject([
      { completedAtMs: noon + 11_000, found: { status: 'differs', adAccountId: other.adAccountId } },
      { completedAtMs: noon + 21_000, found: { status: 'match', adAccountId: ACCOUNT.adAccountId, window } },
    ]);
  });

  test('runs are listed and summed by day, with how far back changes were found; rejected rows by reason', async () => {
    const { store } = current();
    const spec = specOf(COLUMNS);
    await prepareTables(store, spec);
    const restated = { cells: 9, rowsChanged: 2, oldestDateChanged: '2026-05-11' };
    await store.runs.save(ACCOUNT, 'a', runOf('1', '2026-05-30T10:00:00.000Z'));
    await store.runs.save(ACCOUNT, 'a', runOf('2', '2026-05-31T10:00:00.000Z', { restated }));
    await store.runs.save(ACCOUNT, 'a', runOf('3', '2026-05-31T12:00:00.000Z'));
    await load(store, {
      spec,
      ids: 'all',
      rows: [{ CAMPAIGN_ID: '1', DATE: '2026-05-31', SPEND_IN_MICRO_DOLLAR: 'much' }],
    });
    const { runs, rejected } = (await figures())!;
    expect(runs.count).toBe(3);
    expect(runs.listed[1]).toMatchObject({
      startedAtMs: Date.parse('2026-05-31T10:00:00Z'),
      window: { from: '2026-05-27', to: '2026-05-31' },
      calls: 3,
      restatedRows: 2,
      firstError: null,
    });
    expect(runs.days).toMatchObject([
      { date: '2026-05-30', runs: 1, oldestChangedAge: null },
      {
        date: '2026-05-31',
        runs: 2,
        calls: { reports: 6 },
        restatedCells: 9,
        restatedRows: 2,
        oldestChangedAge: 20,
      },
    ]);
    expect(rejected).toMatchObject({
      rows: 1,
      reasons: 1,
      listed: [{ objectType: 'campaigns', target: null, rows: 1 }],
    });
  });
});
