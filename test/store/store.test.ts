// What every store keeps: tables, claims, the catalogue, coverage and records of runs.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { flowRunRecord, noTotals } from '../../src/dataflow/flow-run.js';
import { misfitsOf, type CatalogueItem } from '../../src/store/catalogue-values.js';
import type { Claim } from '../../src/store/claims.js';
import { query } from '../support/store-reader.js';
import { load, noon, ACCOUNT, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const spec = specOf();

const claimOf = (workflowId: string, more: Partial<Claim> = {}): Claim => ({
  namespace: 'default',
  workflowId,
  runId: `${workflowId}-run`,
  claimedAtMs: noon + 123,
  spec,
  open: true,
  ...more,
});

onEachStore((current) => {
  const read = (sql: string) => query(current().source, sql);
  const columnsOf = async (table: string) =>
    (
      await read(
        `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = 'acme_ads' AND table_name = '${table}'`,
      )
    ).map(({ name }) => name);

  describe('tables', () => {
    test('many workers may make the tables of one dataflow at the same time, and again', async () => {
      const { store, another } = current();
      await Promise.all(
        [store, another, store, another, store, another].map((each) => prepareTables(each, spec)),
      );
      await prepareTables(store, spec);
      expect(await columnsOf('campaign_analytics')).toContain('spend_in_micro_dollar');
      expect(await columnsOf('coverage')).toContain('asked_for');
    });

    test('columns that a spec adds later are added, and rows stay', async () => {
      const { store } = current();
      await prepareTables(store, spec);
      await load(store, {
        spec,
        ids: 'all',
        rows: [{ CAMPAIGN_ID: '1', DATE: '2026-05-30', SPEND_IN_MICRO_DOLLAR: 5 }],
      });
      await prepareTables(store, specOf(['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CAMPAIGN_NAME']));
      expect(
        await read(
          'SELECT spend_in_micro_dollar AS spend, total_impression AS seen, campaign_name AS name FROM acme_ads.campaign_analytics',
        ),
      ).toEqual([{ spend: 5, seen: null, name: null }]);
    });

    test('the granularity of what is held is known', async () => {
      const { store } = current();
      await prepareTables(store, spec);
      expect(await store.cells.granularities('acme-ads')).toEqual([]);
      await load(store, { spec, ids: 'all', rows: [] });
      expect(await store.cells.granularities('acme-ads')).toEqual(['DAY']);
    });
  });

  describe('claims', () => {
    beforeEach(() => current().store.schemas.make('acme-ads'));

    test('of many that claim a dataflow at the same time, one holds it, and all hear which', async () => {
      const { store, another } = current();
      const holders = await Promise.all(
        Array.from({ length: 8 }, (_, i) => (i % 2 ? store : another).claims.take(ACCOUNT, claimOf(`w${i}`))),
      );
      expect(new Set(holders.map(({ workflowId }) => workflowId)).size).toBe(1);
      expect(await store.claims.all('acme-ads')).toEqual([
        { ...claimOf(holders[0]!.workflowId), adAccountId: ACCOUNT.adAccountId },
      ]);
    });

    test('a claim is free for others once released, and for its own workflow always', async () => {
      const { store } = current();
      await store.claims.take(ACCOUNT, claimOf('first'));
      expect((await store.claims.take(ACCOUNT, claimOf('first', { runId: 'again' }))).runId).toBe('again');
      await store.claims.release(ACCOUNT, 'somebody-else');
      expect((await store.claims.take(ACCOUNT, claimOf('second'))).workflowId).toBe('first');
      await store.claims.release(ACCOUNT, 'first');
      expect((await store.claims.take(ACCOUNT, claimOf('second'))).workflowId).toBe('second');
    });

    test('an open claim is taken over only from the holder that was seen to be gone', async () => {
      const { store } = current();
      await store.claims.take(ACCOUNT, claimOf('first'));
      expect((await store.claims.take(ACCOUNT, claimOf('second'), 'another-run')).workflowId).toBe('first');
      expect((await store.claims.take(ACCOUNT, claimOf('second'), 'first-run')).workflowId).toBe('second');
    });

    test('ad accounts of one dataflow are claimed apart; a spec of 12,000 ids and odd letters comes back whole', async () => {
      const { store } = current();
      const ids = Array.from({ length: 12_000 }, (_, i) => String(600_000_000_000 + i));
      const big = { ...spec, source: { ...spec.source, objects: [{ type: 'ads' as const, ids }] } };
      const odd = { ...spec, name: `quote ' " \\ 🙂` };
      await store.claims.take(ACCOUNT, claimOf('big', { spec: big }));
      await store.claims.take({ ...ACCOUNT, adAccountId: '2' }, claimOf(`it's "odd"`, { spec: odd }));
      const claims = await store.claims.all('acme-ads');
      expect(claims.find(({ adAccountId }) => adAccountId === ACCOUNT.adAccountId)!.spec).toEqual(big);
      expect(claims.find(({ adAccountId }) => adAccountId === '2')).toMatchObject({
        workflowId: `it's "odd"`,
        spec: odd,
      });
    });
  });

  describe('the catalogue', () => {
    beforeEach(() => prepareTables(current().store, spec));

    test('a page is kept with where the reading stands; when an object was first seen stays', async () => {
      const { store } = current();
      const empty = { completedAtMs: null, bookmark: null, reading: false };
      expect(await store.catalogue.state(ACCOUNT, 'campaigns')).toEqual(empty);
      const first: CatalogueItem = {
        id: '626735565838',
        name: `Spring "sale" 'n' 🙂, \\`,
        start_time: 1_700_000_000,
        daily_spend_cap: '123456789012345678',
      };
      const state = { completedAtMs: null, bookmark: 'b/+==', reading: true };
      await store.catalogue.savePage(ACCOUNT, 'campaigns', [first, { id: '2' }], noon, state);
      expect(await store.catalogue.state(ACCOUNT, 'campaigns')).toEqual(state);
      const done = { completedAtMs: noon + 5_001, bookmark: null, reading: false };
      const renamed = { ...first, name: 'Summer' };
      await store.catalogue.savePage(ACCOUNT, 'campaigns', [first, renamed], noon + 5_000, done);
      expect(await store.catalogue.state(ACCOUNT, 'campaigns')).toEqual(done);
      const objects = await store.catalogue.objects(ACCOUNT, 'campaigns');
      expect(objects.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: '2', name: null, firstSeenMs: noon },
        { id: '626735565838', name: 'Summer', firstSeenMs: noon },
      ]);
      expect(
        await read(
          `SELECT start_time::TEXT AS started, daily_spend_cap::TEXT AS cap, _loaded_at::TEXT AS loaded FROM acme_ads.campaigns WHERE id <> '2'`,
        ),
      ).toEqual([{ started: '1700000000', cap: '123456789012345678', loaded: '2026-05-31 12:00:05' }]);
      expect(await store.catalogue.objects({ ...ACCOUNT, adAccountId: '2' }, 'campaigns')).toEqual([]);
    });

    test('whole numbers come through to the last digit, however they are written; what does not fit is left out', async () => {
      const { store } = current();
      const values: [given: unknown, kept: string | null][] = [
        ['1500000000.0', '1500000000'],
        ['1.5e9', '1500000000'],
        ['15E+8', '1500000000'],
        ['1500000000000e-3', '1500000000'],
        ['9223372036854775807', '9223372036854775807'],
        ['-9223372036854775808', '-9223372036854775808'],
        ['1234567890123456789.00', '1234567890123456789'],
        [1e18, '1000000000000000000'],
        ['-0.0', '0'],
        ['0e999', '0'],
        ['9223372036854775808', null],
        ['1.5', null],
        ['1e-1', null],
        ['1e999', null],
        ['soon', null],
        ['', null],
        [{ a: 1 }, null],
      ];
      const items = values.map(([start_time], at) => ({ id: String(at), start_time }));
      await store.catalogue.savePage(ACCOUNT, 'campaigns', items, noon, null);
      expect(
        await read('SELECT start_time::TEXT AS kept FROM acme_ads.campaigns ORDER BY id::INTEGER'),
      ).toEqual(values.map(([, kept]) => ({ kept })));
      expect(misfitsOf('campaigns', items)).toEqual({
        count: 7,
        first: 'start_time of 10: "9223372036854775808"',
      });
    });

    test('a text that no store takes, or that is too long, costs itself alone', async () => {
      const { store } = current();
      const items = [
        { id: '1', name: 'a\0b', status: 'ACTIVE' },
        { id: '2', name: 'x'.repeat(10_001), status: 'PAUSED' },
      ];
      await store.catalogue.savePage(ACCOUNT, 'campaigns', items, noon, null);
      expect(await read('SELECT id, name, status FROM acme_ads.campaigns ORDER BY id')).toEqual([
        { id: '1', name: null, status: 'ACTIVE' },
        { id: '2', name: null, status: 'PAUSED' },
      ]);
      expect(misfitsOf('campaigns', items)).toEqual({ count: 2, first: 'name of 1: "a\\u0000b"' });
    });

    test('where a reading stands holds what it has met and what was wrong', async () => {
      const { store } = current();
      const problems = {
        items: { count: 1, first: `it's "odd"` },
        values: null,
        cutShort: 'a page of it brought nothing new',
      };
      const state = { completedAtMs: noon, bookmark: 'b', reading: true, seen: ['a-1', 'b_2'], problems };
      await store.catalogue.savePage(ACCOUNT, 'ads', [], noon, state);
      expect(await store.catalogue.state(ACCOUNT, 'ads')).toEqual(state);
    });

    test('two readings of the same page at the same time keep each object once', async () => {
      const { store, another } = current();
      const items = Array.from({ length: 250 }, (_, i) => ({ id: String(1000 + i), name: `n${i}` }));
      const state = { completedAtMs: noon, bookmark: null, reading: false };
      await Promise.all(
        [store, another, store, another].map((each, i) =>
          each.catalogue.savePage(ACCOUNT, 'ads', items, noon + i, state),
        ),
      );
      expect(await store.catalogue.objects(ACCOUNT, 'ads')).toHaveLength(250);
    });

    test('the ad account is kept once, as read last', async () => {
      const { store } = current();
      expect(await store.catalogue.adAccountReadAtMs(ACCOUNT)).toBeNull();
      const account = {
        id: ACCOUNT.adAccountId,
        currency: 'EUR',
        country: null,
        permissions: ['READ', 'OWNER'],
      };
      await store.catalogue.saveAdAccount(ACCOUNT, { ...account, name: 'Acme' }, noon);
      await store.catalogue.saveAdAccount(ACCOUNT, { ...account, name: `L'Acme` }, noon + 1_001);
      expect(await store.catalogue.adAccountReadAtMs(ACCOUNT)).toBe(noon + 1_001);
      expect(await read('SELECT name, country, permissions FROM acme_ads.ad_accounts')).toEqual([
        { name: `L'Acme`, country: null, permissions: 'READ,OWNER' },
      ]);
    });

    test('ids that turned up in rows after the catalogue was read are noticed', async () => {
      const { store } = current();
      const read = { completedAtMs: noon - 10_000, bookmark: null, reading: false };
      await store.catalogue.savePage(ACCOUNT, 'campaigns', [{ id: '1' }], noon - 10_000, read);
      const row = { DATE: '2026-05-30', SPEND_IN_MICRO_DOLLAR: 1 };
      await load(store, { spec, ids: 'all', rows: [{ ...row, CAMPAIGN_ID: '1' }] });
      expect(await store.catalogue.typesWithUnknownIds(ACCOUNT)).toEqual([]);
      const later = { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 };
      const rows = ['1', '2'].map((id) => ({ ...row, CAMPAIGN_ID: id }));
      await load(store, { spec, ids: 'all', rows, ...later });
      expect(await store.catalogue.typesWithUnknownIds(ACCOUNT)).toEqual(['campaigns']);
      await store.catalogue.savePage(ACCOUNT, 'campaigns', [], noon, {
        ...read,
        completedAtMs: noon + 6_000,
      });
      expect(await store.catalogue.typesWithUnknownIds(ACCOUNT)).toEqual([]);
    });
  });

  test('coverage comes back as it was stamped, apart by ad account and object type', async () => {
    const { store } = current();
    await prepareTables(store, spec);
    const askedForMs = noon + 123;
    await load(store, { spec, ids: ['1', '2'], rows: [], askedForMs });
    const coverage = await store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    const row = {
      from: '2026-05-27',
      to: '2026-05-31',
      askedForMs,
      complete: true,
      knownIdsAtMs: null,
      columns: ['SPEND_IN_MICRO_DOLLAR'],
      attribution: '30/30/1/TIME_OF_AD_ACTION',
      granularity: 'DAY',
    };
    expect(coverage.sort((a, b) => (a.scope < b.scope ? -1 : 1))).toEqual([
      { scope: '1', ...row },
      { scope: '2', ...row },
    ]);
    expect(await store.cells.coverage(ACCOUNT, { objectType: 'ads' })).toEqual([]);
    expect(await store.cells.coverage({ ...ACCOUNT, adAccountId: '2' }, { objectType: 'campaigns' })).toEqual(
      [],
    );
  });

  test('a flow run is kept once, as it was recorded last', async () => {
    const { store } = current();
    await store.schemas.make('acme-ads');
    const record = { id: 'r', startedAtMs: noon, completedAtMs: noon + 1_500, window: null };
    const run = flowRunRecord('success', { ...noTotals(), inputBytes: 7 }, record);
    await store.runs.save(ACCOUNT, 'acme', flowRunRecord('failed', noTotals(), record));
    await store.runs.save(ACCOUNT, `it's`, run);
    const [kept, ...others] = await read(
      'SELECT workflow_id, status, started::TEXT AS started, completed::TEXT AS completed, record FROM acme_ads.flow_runs',
    );
    expect(others).toEqual([]);
    expect(kept).toEqual({
      workflow_id: `it's`,
      status: 'success',
      started: '2026-05-31 12:00:00',
      completed: '2026-05-31 12:00:01.5',
      record: JSON.stringify(run),
    });
  });
});
