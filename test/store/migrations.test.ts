// What every store does with a schema of another version: an earlier one is brought up to date, a newer one refused.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { NEWEST_VERSION } from '../../src/store/migrations.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { change, query } from '../support/store-reader.js';
import { ACCOUNT, load, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const spec = specOf();
const CAMPAIGNS = { objectType: 'campaigns' } as const;
const claim = {
  ...{ namespace: 'default', workflowId: 'acme', runId: 'a-run', claimedAtMs: noon, spec, open: true },
};

onEachStore((current) => {
  const read = (sql: string) => query(current().source, sql);
  const write = (sql: string) => change(current().source, sql);
  const versions = () => read('SELECT version::INTEGER AS version FROM acme_ads.schema_version');

  /** A schema as the first release left it. */
  const makeFirstVersion = async (): Promise<void> => {
    await prepareTables(current().store, spec);
    await load(current().store, { spec, ids: 'all', rows: [{ CAMPAIGN_ID: '1', DATE: '2026-05-30' }] });
    // Which had no views.
    await write('DROP VIEW acme_ads.freshness');
    await write(`UPDATE acme_ads.coverage SET attribution = attribution || '/' || granularity`);
    await write('ALTER TABLE acme_ads.coverage DROP COLUMN granularity');
    await write('ALTER TABLE acme_ads.coverage DROP COLUMN breakdown');
    await write('DROP TABLE acme_ads.schema_version');
  };

  test('a new schema is of the newest version', async () => {
    await prepareTables(current().store, spec);
    expect(await versions()).toEqual([{ version: NEWEST_VERSION }]);
  });

  test('the first version is brought up to date once, by many at a time; what was held is held', async () => {
    const { store, another } = current();
    await prepareTables(store, spec);
    await load(store, { spec, ids: 'all', rows: [{ CAMPAIGN_ID: '1', DATE: '2026-05-30' }] });
    const before = await store.cells.coverage(ACCOUNT, CAMPAIGNS);
    await makeFirstVersion();
    await Promise.all([store, another, store, another].map((each) => each.schemas.make('acme-ads')));
    expect(await versions()).toEqual([{ version: NEWEST_VERSION }]);
    expect(before).toMatchObject([{ attribution: '30/30/1/TIME_OF_AD_ACTION', granularity: 'DAY' }]);
    expect(await store.cells.coverage(ACCOUNT, CAMPAIGNS)).toEqual(before);
    expect(await store.cells.granularities('acme-ads')).toEqual(['DAY']);
  });

  test('a run that an earlier version began goes on: its next step brings the schema up to date', async () => {
    const { store, another } = current();
    await makeFirstVersion();
    await write(`DELETE FROM acme_ads.claims`);
    await store.claims.take(ACCOUNT, claim);
    expect(await another.claims.of(ACCOUNT)).toMatchObject({ workflowId: 'acme' });
    expect(await store.cells.coverage(ACCOUNT, CAMPAIGNS)).toHaveLength(1);
  });

  test('those who only watch change nothing, and say what is to come', async () => {
    const { store } = current();
    await makeFirstVersion();
    await store.claims.take(ACCOUNT, claim);
    const told: string[] = [];
    expect(await store.holdings.read(0, (_, { message }) => told.push(message))).toEqual([]);
    expect(told).toEqual([expect.stringContaining('its next run brings it up to date')]);
    await expect(versions()).rejects.toThrow(/schema_version/);
  });

  test('a schema of another program is refused in one sentence, and stays as it is', async () => {
    const { store } = current();
    await write('CREATE SCHEMA acme_ads');
    // A tool for migrations may call a table of its own so.
    for (const name of ['claims', 'customers', 'orders', 'schema_version'])
      await write(`CREATE TABLE acme_ads.${name} (id TEXT)`);
    await expect(prepareTables(store, spec)).rejects.toThrow(
      'name: the schema acme_ads of this store belongs to another program: it holds claims, customers, orders, ' +
        'schema_version, and not the tables of a dataflow; give this dataflow another name',
    );
    const tables = `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'acme_ads' ORDER BY 1`;
    expect((await read(tables)).map(({ name }) => name)).toEqual([
      'claims',
      'customers',
      'orders',
      'schema_version',
    ]);
    await expect(prepareTables(store, { ...spec, name: 'other-ads' })).resolves.toBeUndefined();
  });

  test("a schema that somebody has prepared, and one to which others' views were added, are taken", async () => {
    const { store } = current();
    await write('CREATE SCHEMA acme_ads');
    await prepareTables(store, spec);
    await write('CREATE VIEW acme_ads.of_an_analyst AS SELECT * FROM acme_ads.campaigns');
    await expect(prepareTables(store, spec)).resolves.toBeUndefined();
    expect(await versions()).toEqual([{ version: NEWEST_VERSION }]);
  });

  test('a newer schema is refused in one sentence, and stays as it is', async () => {
    const { store } = current();
    await prepareTables(store, spec);
    await store.claims.take(ACCOUNT, claim);
    await write(`UPDATE acme_ads.schema_version SET version = ${NEWEST_VERSION + 1}`);
    const refusal = new RegExp(
      `has version ${NEWEST_VERSION + 1}, .* up to ${NEWEST_VERSION}: .*Upgrade this worker`,
    );
    const attempts = [
      () => store.schemas.make('acme-ads'),
      () => store.claims.of(ACCOUNT),
      () => load(store, { spec, ids: 'all', rows: [] }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toThrow(refusal);
      await expect(attempt()).rejects.toThrow(StoreUnavailable);
    }
    expect(await versions()).toEqual([{ version: NEWEST_VERSION + 1 }]);
    expect(await read('SELECT * FROM acme_ads.coverage')).toEqual([]);
  });
});
