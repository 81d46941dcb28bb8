// What every store does with cells that are forgotten, and with a dataflow that is given up.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { flowRunRecord, noTotals } from '../../src/dataflow/flow-run.js';
import { forget, isForgotten } from '../../src/dataflow/forget.js';
import { query } from '../support/store-reader.js';
import { ACCOUNT, load, noon, specOf, TODAY } from './answers.js';
import { onEachStore } from './stores.js';

const spec = specOf();
const campaigns = { objectType: 'campaigns' } as const;
const row = { CAMPAIGN_ID: '1', DATE: TODAY, SPEND_IN_MICRO_DOLLAR: 7 };

onEachStore((current) => {
  test('forgotten cells are marked, their rows stay, and a later answer holds them again', async () => {
    const { store, another, source } = current();
    await prepareTables(store, spec);
    await load(store, { spec, ids: ['1'], rows: [row] });
    expect(await store.cells.held(ACCOUNT.dataflow)).toEqual([
      { adAccountId: ACCOUNT.adAccountId, dataset: campaigns },
    ]);
    const which = { ids: ['1'], from: TODAY, to: TODAY };
    const change = (atMs: number) =>
      another.cells.forget(ACCOUNT, campaigns, (coverage) => forget(coverage, [], which, atMs));
    expect(await change(noon + 1)).toBe(1);
    expect(await change(noon + 1)).toBe(1);
    const marked = (await store.cells.coverage(ACCOUNT, campaigns)).filter(isForgotten);
    expect(marked).toMatchObject([{ scope: '1', from: TODAY, to: TODAY, askedForMs: noon + 1 }]);
    const rows = 'SELECT campaign_id AS id FROM acme_ads.campaign_analytics';
    expect(await query(source, rows)).toEqual([{ id: '1' }]);

    await load(store, { spec, ids: ['1'], rows: [row], askedForMs: noon + 2, startedAtMs: noon + 2 });
    expect((await store.cells.coverage(ACCOUNT, campaigns)).filter(isForgotten)).toEqual([]);
    expect(await query(source, rows)).toEqual([{ id: '1' }]);
  });

  test('a dataflow is known by its name, its last run told, and nothing is left once it is dropped', async () => {
    const { store, another } = current();
    expect(await store.holdings.names()).toEqual([]);
    expect(await store.holdings.of('acme-ads')).toBeUndefined();
    await prepareTables(store, spec);
    await prepareTables(store, { ...spec, name: 'other' });
    expect(await another.runs.latest('acme-ads')).toBeUndefined();
    for (const [id, completedAtMs] of [
      ['first', noon],
      ['last', noon + 2],
      ['between', noon + 1],
    ] as const) {
      const record = { id, startedAtMs: noon, completedAtMs, window: null };
      await store.runs.save(ACCOUNT, 'acme', flowRunRecord('success', noTotals(), record));
    }
    expect(await another.runs.latest('acme-ads')).toMatchObject({ id: 'last' });
    expect(await another.holdings.of('acme-ads')).toEqual([]);

    for (let twice = 0; twice < 2; twice += 1) await another.schemas.drop('acme-ads');
    expect(await store.holdings.names()).toEqual(['other']);
  });
});
