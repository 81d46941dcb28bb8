// How long reports took: the last figures of each kind, of a dataflow's own or of others.
import { prepareTables } from '../../src/activities/prepare-run.js';
import { FIGURES_KEPT } from '../../src/dataflow/report-looks.js';
import { stillClock } from '../support/still-clock.js';
import { query } from '../support/store-reader.js';
import { load, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const spec = specOf();
const campaigns = { dataset: { objectType: 'campaigns' }, granularity: 'DAY' } as const;

onEachStore((current) => {
  test('the newest figures, committed with what the reports brought', async () => {
    const { store, source } = current();
    await prepareTables(store, spec);
    expect(await store.reportTimes.known('acme-ads', [campaigns], true)).toEqual([[]]);
    for (let i = 1; i <= FIGURES_KEPT + 3; i++)
      await load(store, {
        ...{ spec, ids: 'all', rows: [], reportTookMs: i },
        ...{ startedAtMs: noon + i, askedForMs: noon + i },
      });
    const kinds = [campaigns, { ...campaigns, granularity: 'HOUR' } as const];
    const [figures, none] = await store.reportTimes.known('acme-ads', kinds, true);
    expect(figures).toEqual(Array.from({ length: FIGURES_KEPT }, (_, i) => FIGURES_KEPT + 3 - i));
    expect(none).toEqual([]);
    const [kept] = await query(source, 'SELECT count(*)::INTEGER AS figures FROM acme_ads.report_times');
    expect(kept).toEqual({ figures: FIGURES_KEPT });
  });

  test("another dataflow's, as long as it has none of its own, and only if they are asked for", async () => {
    const { store } = current();
    await prepareTables(store, spec);
    await load(store, { spec, ids: 'all', rows: [], askedForMs: noon, reportTookMs: 7 });
    await prepareTables(store, { ...spec, name: 'other-ads' });
    expect(await store.reportTimes.known('other-ads', [campaigns], true)).toEqual([[7]]);
    expect(await store.reportTimes.known('other-ads', [campaigns], false)).toEqual([[]]);
  });

  test('others are asked once in some minutes, and whoever has figures tells them', async () => {
    const clock = stillClock();
    const { store } = current();
    const known = (dataflow: string) => store.reportTimes.known(dataflow, [campaigns], true);
    for (const name of ['acme-ads', 'other-ads', 'third-ads']) await prepareTables(store, { ...spec, name });
    expect(await known('other-ads')).toEqual([[]]);
    const answer = { spec, ids: 'all', rows: [] } as const;
    await load(store, { ...answer, askedForMs: noon, reportTookMs: 7 });
    // Not asked again, until it has read its own.
    expect(await known('third-ads')).toEqual([[]]);
    expect(await known('acme-ads')).toEqual([[7]]);
    expect(await known('third-ads')).toEqual([[7]]);
    await load(store, { ...answer, startedAtMs: noon + 1, askedForMs: noon + 1, reportTookMs: 9 });
    clock.pass(4 * 60_000);
    expect(await known('other-ads')).toEqual([[7]]);
    clock.pass(60_000);
    expect(await known('other-ads')).toEqual([[9, 7]]);
  });
});
