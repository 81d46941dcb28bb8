// A chunk's commit: cells replaced, coverage advanced and misfits kept together, whoever comes late or twice.
import { prepareTables } from '../../src/activities/prepare-run.js';
import type { Chunk } from '../../src/dataflow/chunk.js';
import { addDays, midnightMs } from '../../src/dataflow/dates.js';
import type { CommitResult } from '../../src/store/cells.js';
import { query } from '../support/store-reader.js';
import { load as loadAnswer, noon, ACCOUNT, specOf, TODAY, type Answer } from './answers.js';
import { onEachStore } from './stores.js';

const row = (id: string, date: string, spend: unknown) => ({
  CAMPAIGN_ID: id,
  DATE: date,
  SPEND_IN_MICRO_DOLLAR: spend,
});

onEachStore((current) => {
  const spec = specOf();
  beforeEach(() => prepareTables(current().store, spec));

  const load = (
    ids: Chunk['ids'],
    rows: readonly unknown[],
    more: Partial<Answer> = {},
    { store } = current(),
  ): Promise<CommitResult> => loadAnswer(store, { spec, ids, rows, ...more });
  const read = (sql: string) => query(current().source, sql);
  const stored = async () =>
    (
      await read(
        'SELECT campaign_id, date::TEXT AS date, spend_in_micro_dollar AS spend FROM acme_ads.campaign_analytics ORDER BY 1, 2, 3',
      )
    ).map((found) => `${String(found['campaign_id'])} ${String(found['date'])} ${String(found['spend'])}`);

  test('two attempts of one chunk that commit at the same time leave one set of rows', async () => {
    const rows = Array.from({ length: 500 }, (_, i) => row(String(1000 + i), '2026-05-30', i));
    const { another } = current();
    const results = await Promise.all(
      [0, 1, 2, 3].map((late) =>
        load(
          'all',
          rows,
          { askedForMs: noon + late, startedAtMs: noon - 1 },
          late % 2 === 0 ? current() : { ...current(), store: another },
        ),
      ),
    );
    expect((await stored()).length).toBe(500);
    expect(results.map(({ rows }) => rows).sort((a, b) => a - b)).toEqual([0, 0, 0, 500]);
  });

  test('of answers that two workers commit at the same time, the one asked for last wins in every cell', async () => {
    const { another } = current();
    const dates = ['2026-05-27', '2026-05-28', '2026-05-29', '2026-05-30'];
    const ids = ['1', '2', '3', '4', '5', '6'];
    const answers = Array.from({ length: 12 }, (_, i): { named: string[] | 'all'; askedForMs: number } => ({
      named: i % 3 === 0 ? 'all' : ids.slice(i % 4, (i % 4) + 3),
      askedForMs: noon + i,
    }));
    await Promise.all(
      // Newest first, so that most of them come late.
      [...answers].reverse().map(({ named, askedForMs }, i) =>
        load(
          named,
          (named === 'all' ? ids : named).flatMap((id) => dates.map((date) => row(id, date, askedForMs))),
          { askedForMs, startedAtMs: askedForMs },
          i % 2 === 0 ? current() : { ...current(), store: another },
        ),
      ),
    );
    const newest = (id: string) =>
      Math.max(
        ...answers.filter(({ named }) => named.includes(id) || named === 'all').map((a) => a.askedForMs),
      );
    expect(await stored()).toEqual(ids.flatMap((id) => dates.map((date) => `${id} ${date} ${newest(id)}`)));
  });

  test('an answer that was asked for earlier changes nothing that a later answer holds', async () => {
    await load('all', [row('1', '2026-05-30', 2)], { askedForMs: noon });
    await load('all', [row('1', '2026-05-30', 1)], { askedForMs: noon - 500, startedAtMs: noon + 10 });
    expect(await stored()).toEqual(['1 2026-05-30 2']);
  });

  test('a late answer for all objects leaves one that was read later alone, and brings the others', async () => {
    await load(['1'], [row('1', '2026-05-30', 2)], { askedForMs: noon });
    await load('all', [row('1', '2026-05-30', 1), row('2', '2026-05-30', 7)], { askedForMs: noon - 500 });
    expect(await stored()).toEqual(['1 2026-05-30 2', '2 2026-05-30 7']);
  });

  test('a row that Pinterest withdrew is gone after the next answer, and the change is counted', async () => {
    await load('all', [row('1', '2026-05-29', 1), row('1', '2026-05-30', 2), row('2', '2026-05-30', 3)]);
    const { restated } = await load('all', [row('1', '2026-05-29', 1), row('2', '2026-05-30', 4)], {
      askedForMs: noon + 5_000,
      startedAtMs: noon + 4_000,
    });
    expect(await stored()).toEqual(['1 2026-05-29 1', '2 2026-05-30 4']);
    expect(restated).toMatchObject({ rowsChanged: 2, oldestDateChanged: '2026-05-30' });
  });

  test('a row without any number that comes or goes is a change, one that stays is none', async () => {
    await load('all', [row('1', '2026-05-29', null), row('2', '2026-05-29', null)]);
    const { restated } = await load('all', [row('2', '2026-05-29', null), row('3', '2026-05-30', null)], {
      askedForMs: noon + 5_000,
      startedAtMs: noon + 4_000,
    });
    expect(restated).toMatchObject({ rowsChanged: 2, oldestDateChanged: '2026-05-29' });
  });

  test('rows of objects that were never covered before are new: none of them has changed', async () => {
    await load(['1'], [row('1', '2026-05-29', 1)]);
    const rows = [row('1', '2026-05-29', 1), row('2', '2026-05-29', 2), row('3', '2026-05-30', 3)];
    const objects = ['1', '2', '3'].map((id) => ({ id, firstSeenMs: 0 }));
    const { restated } = await load('all', rows, {
      askedForMs: noon + 5_000,
      startedAtMs: noon + 4_000,
      objects,
    });
    expect(restated).toEqual({ cells: 5, rowsChanged: 0, oldestDateChanged: null });
    expect(await stored()).toHaveLength(3);
  });

  test('an answer without a row empties its cells and holds them, others stay', async () => {
    await load(['1', '2'], [row('1', '2026-05-29', 1), row('2', '2026-05-30', 2)]);
    const later = { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 };
    const { restated, stillStale } = await load(['1'], [], later);
    expect(await stored()).toEqual(['2 2026-05-30 2']);
    expect(stillStale).toBe(false);
    expect(restated).toEqual({ cells: 5, rowsChanged: 1, oldestDateChanged: '2026-05-29' });
    const coverage = await current().store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    expect(coverage.find(({ scope }) => scope === '1')).toMatchObject({
      ...{ from: '2026-05-27', to: TODAY, askedForMs: noon + 5_000, complete: true },
    });
  });

  test('a misfit costs only its own cell, which stays incomplete; the raw row and the reason are kept', async () => {
    const result = await load('all', [row('1', '2026-05-29', 'N/A'), row('1', '2026-05-30', 2)]);
    expect(result).toMatchObject({ rows: 1, rejectedRows: 1 });
    const [rejected] = await read(
      'SELECT object_id, date::TEXT AS date, raw, reason, chunk, run_id FROM acme_ads.rejected_rows',
    );
    expect(rejected).toMatchObject({ object_id: '1', date: '2026-05-29', chunk: 'a chunk', run_id: 'a run' });
    expect(String(rejected!['raw'])).toContain('N/A');
    expect(String(rejected!['reason'])).toContain('SPEND_IN_MICRO_DOLLAR');
    const coverage = await current().store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    expect(coverage.filter(({ complete }) => !complete)).toMatchObject([
      { scope: '1', from: '2026-05-29', to: '2026-05-29' },
    ]);
  });

  test('of many misfits a thousand raw rows are kept, and every cell stays incomplete', async () => {
    const bad = Array.from({ length: 1_100 }, (_, i) => row(String(i + 1), '2026-05-29', 'N/A'));
    const result = await load('all', [...bad, row('1', '2026-05-30', 2)]);
    expect(result).toMatchObject({ rows: 1, rejectedRows: 1_100 });
    const kept = await read('SELECT raw, reason FROM acme_ads.rejected_rows');
    expect(kept).toHaveLength(1_000);
    for (const { raw, reason } of kept) expect([String(raw), String(reason)].join()).toMatch(/N\/A.*N\/A/);
    const coverage = await current().store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    const incomplete = coverage.filter(({ complete }) => !complete);
    expect(new Set(incomplete.map(({ scope }) => scope)).size).toBe(1_100);
    expect(incomplete.every(({ from, to }) => from === '2026-05-29' && to === '2026-05-29')).toBe(true);
  });

  test('a misfit that came right is no longer kept as rejected', async () => {
    await load('all', [row('1', '2026-05-29', 'N/A')]);
    await load('all', [row('1', '2026-05-29', 5)], { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 });
    expect(await read('SELECT * FROM acme_ads.rejected_rows')).toEqual([]);
    expect(await stored()).toEqual(['1 2026-05-29 5']);
    const coverage = await current().store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    expect(coverage.every(({ complete }) => complete)).toBe(true);
  });

  test('a dataflow that runs every day holds its final cells in one row of coverage, and says of each when it was read', async () => {
    const [first, days] = ['2026-03-01', 36];
    for (let day = 0; day < days; day++) {
      const to = addDays(first, day);
      const askedForMs = midnightMs(to) + 12 * 3_600_000;
      await load(['1'], [row('1', to, day)], {
        spec: specOf(undefined, { backfillDays: 50 }),
        ...{ from: addDays(to, -49), to, askedForMs, startedAtMs: askedForMs - 1 },
      });
    }
    const coverage = await current().store.cells.coverage(ACCOUNT, { objectType: 'campaigns' });
    const yesterday = addDays(first, days - 2);
    expect(coverage).toMatchObject([
      { from: addDays(first, -49), to: addDays(first, -32), askedForMs: midnightMs(first) + 12 * 3_600_000 },
      { to: addDays(yesterday, -32), askedForMs: midnightMs(yesterday), askedAfterDays: 32 },
      { to: addDays(first, days - 1), askedForMs: midnightMs(addDays(first, days - 1)) + 12 * 3_600_000 },
    ]);
  });

  test('numbers come through exactly, the smallest and the largest too', async () => {
    const numbers = [0, 0.1, 0.30000000000000004, -1.5, 9007199254740991, 123456789012345680];
    const extremes = [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 1e21, 1e-7];
    const all = [...numbers, ...extremes];
    await load(
      'all',
      all.map((number, i) => row(String(100 + i), '2026-05-30', number)),
    );
    const rows = await read(
      'SELECT spend_in_micro_dollar AS spend FROM acme_ads.campaign_analytics ORDER BY campaign_id',
    );
    expect(rows.map(({ spend }) => spend)).toEqual(all);
  });

  test('_loaded_at and rejected_at are when it was asked for, in UTC', async () => {
    await load('all', [row('1', '2026-05-29', 'N/A'), row('1', '2026-05-30', 2)], {
      askedForMs: noon + 123,
      startedAtMs: noon,
    });
    const [times] = await read(
      `SELECT r._loaded_at::TEXT AS loaded, x.rejected_at::TEXT AS rejected
       FROM acme_ads.campaign_analytics r, acme_ads.rejected_rows x`,
    );
    expect(times).toEqual({ loaded: '2026-05-31 12:00:00.123', rejected: '2026-05-31 12:00:00.123' });
  });

  test('texts come through exactly: empty ones, absent ones, quotes, line ends, what other formats trip over', async () => {
    const texts = [
      '',
      null,
      '"',
      `it's`,
      'a,b',
      'l1\nl2',
      'cr\rlf\r\n',
      '\\.',
      '\\N',
      'NULL',
      ' x ',
      '🙂é',
      '\t',
    ];
    const ads = specOf(['AD_NAME', 'SPEND_IN_MICRO_DOLLAR'], { objectType: 'ads' });
    await prepareTables(current().store, ads);
    const rows = texts.map((name, i) => ({ AD_ID: String(100 + i), DATE: '2026-05-30', AD_NAME: name }));
    await loadAnswer(current().store, { spec: ads, ids: 'all', rows });
    const found = await read('SELECT ad_name AS name FROM acme_ads.ad_analytics ORDER BY ad_id');
    expect(found.map(({ name }) => name)).toEqual(texts);
  });

  test('where a row does not say what it belongs to, the catalogue does', async () => {
    const ads = specOf(undefined, { objectType: 'ads' });
    const { store } = current();
    await prepareTables(store, ads);
    const known = { id: '7', campaign_id: '70', ad_group_id: '71' };
    await store.catalogue.savePage(ACCOUNT, 'ads', [known], noon, null);
    const answered = [
      { AD_ID: '7', DATE: '2026-05-30', SPEND_IN_MICRO_DOLLAR: 1 },
      { AD_ID: '8', DATE: '2026-05-30', SPEND_IN_MICRO_DOLLAR: 2, CAMPAIGN_ID: '80' },
    ];
    await loadAnswer(store, { spec: ads, ids: 'all', rows: answered });
    expect(
      await read('SELECT ad_id, campaign_id, ad_group_id FROM acme_ads.ad_analytics ORDER BY ad_id'),
    ).toEqual([
      { ad_id: '7', campaign_id: '70', ad_group_id: '71' },
      { ad_id: '8', campaign_id: '80', ad_group_id: null },
    ]);
  });
});

describe('other granularities', () => {
  onEachStore((current) => {
    const read = (sql: string) => query(current().source, sql);

    test('HOUR: each hour is a row, and a changed one counts once', async () => {
      const hourly = specOf(undefined, { granularity: 'HOUR', backfillDays: 5 });
      await prepareTables(current().store, hourly);
      const hours = (spend: number) =>
        [0, 9, 23].map((hour) => ({ ...row('1', '2026-05-30', hour === 9 ? spend : 1), HOUR: hour }));
      await loadAnswer(current().store, { spec: hourly, ids: 'all', rows: hours(1) });
      const later = { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 };
      const { restated } = await loadAnswer(current().store, {
        spec: hourly,
        ids: 'all',
        rows: hours(2),
        ...later,
      });
      expect(restated).toMatchObject({ rowsChanged: 1, oldestDateChanged: '2026-05-30' });
      expect(
        await read(
          'SELECT hour, spend_in_micro_dollar AS spend FROM acme_ads.campaign_analytics ORDER BY hour',
        ),
      ).toEqual([
        { hour: 0, spend: 1 },
        { hour: 9, spend: 2 },
        { hour: 23, spend: 1 },
      ]);
    });

    test('TOTAL: a window that ends on another day stands beside the ones before', async () => {
      const total = specOf(undefined, { granularity: 'TOTAL' });
      await prepareTables(current().store, total);
      const answer = (id: string, spend: number) => ({ CAMPAIGN_ID: id, SPEND_IN_MICRO_DOLLAR: spend });
      const day = 86_400_000;
      await loadAnswer(current().store, { spec: total, ids: 'all', rows: [answer('1', 1), answer('2', 2)] });
      const again = { askedForMs: noon + 5_000, startedAtMs: noon + 4_000 };
      await loadAnswer(current().store, { spec: total, ids: 'all', rows: [answer('1', 3)], ...again });
      const nextDay = {
        askedForMs: noon + day,
        startedAtMs: noon + day,
        from: '2026-05-28',
        to: '2026-06-01',
      };
      const { rows } = await loadAnswer(current().store, {
        spec: total,
        ids: 'all',
        rows: [answer('1', 4)],
        ...nextDay,
      });
      expect(rows).toBe(1);
      expect(
        await read(
          'SELECT date::TEXT AS date, campaign_id, spend_in_micro_dollar AS spend FROM acme_ads.campaign_analytics ORDER BY date',
        ),
      ).toEqual([
        { date: '2026-05-31', campaign_id: '1', spend: 3 },
        { date: '2026-06-01', campaign_id: '1', spend: 4 },
      ]);
    });
  });
});
