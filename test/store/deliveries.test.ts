// The ledger in every store: one line a partition, written by the run that holds the claim, and by one attempt of it.
import { prepareTables } from '../../src/activities/prepare-run.js';
import type { LedgerKey } from '../../src/store/deliveries.js';
import { query } from '../support/store-reader.js';
import { ACCOUNT, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const ADS = { objectType: 'ads' } as const;
const KEY: LedgerKey = {
  account: ACCOUNT,
  runId: 'a-run',
  target: 'parquet acme',
  table: 'ad_analytics',
  week: '2026-05-25',
};
const settled = (id: string, hash: string, failedRows = 0) => ({ id, hash, rows: 7, failedRows, atMs: noon });
const LATE = /Another attempt went on with ad_analytics, week of 2026-05-25/;

onEachStore((current) => {
  const ledger = () => current().store.deliveries;
  const line = () => ledger().entry(KEY);
  const claim = (runId: string) =>
    current().store.claims.take(ACCOUNT, {
      ...{ namespace: 'default', workflowId: 'acme', runId, claimedAtMs: noon, spec: specOf(), open: true },
    });
  beforeEach(async () => {
    await prepareTables(current().store, specOf());
    await claim('a-run');
  });

  test('a line through its life: intended, noted, settled, replaced, removed', async () => {
    expect(await line()).toBeUndefined();
    expect(await ledger().isEmpty('acme-ads', KEY.target)).toBe(true);
    await ledger().intend(KEY, 'h1', noon);
    expect(await line()).toEqual({
      ...{ table: KEY.table, week: KEY.week, delivered: null },
      pending: { hash: 'h1', id: null, sinceMs: noon },
    });
    expect(await ledger().isEmpty('acme-ads', KEY.target)).toBe(false);
    await ledger().note(KEY, noon, 'd1');
    expect((await line())!.pending).toEqual({ hash: 'h1', id: 'd1', sinceMs: noon });
    await ledger().settle(KEY, ADS, settled('d1', 'h1', 2), []);
    const delivered = { hash: 'h1', id: 'd1', rows: 7, failedRows: 2 };
    expect(await line()).toMatchObject({ delivered, pending: null });

    await ledger().intend(KEY, 'h2', noon + 1);
    await ledger().note(KEY, noon + 1, 'd2');
    expect(await ledger().ids('acme-ads', KEY.target)).toEqual(new Set(['d1', 'd2']));
    expect(await line()).toMatchObject({ delivered, pending: { id: 'd2' } });
    await ledger().settle(KEY, ADS, settled('d2', 'h2'), []);
    await ledger().intendRemoval(KEY, 'd2');
    expect(await line()).toMatchObject({ delivered: { hash: null, id: 'd2' }, pending: null });
    await ledger().remove(KEY, 'd2', noon);
    expect(await line()).toMatchObject({ delivered: null, pending: null });
    expect(await ledger().isEmpty('acme-ads', KEY.target)).toBe(false);
    expect(await ledger().entries(ACCOUNT, KEY.target)).toEqual([await line()]);
    expect(await ledger().entries(ACCOUNT, 'parquet other')).toEqual([]);
    expect(await ledger().entries({ ...ACCOUNT, adAccountId: '7' }, KEY.target)).toEqual([]);
  });

  test('of two attempts one comes too late, wherever they are; the same twice is once', async () => {
    await ledger().intend(KEY, 'h', noon);
    await ledger().intend(KEY, 'h', noon);
    await expect(ledger().intend(KEY, 'h', noon + 1)).rejects.toThrow(LATE);
    await expect(ledger().note(KEY, noon + 1, 'late')).rejects.toThrow(LATE);
    await ledger().note(KEY, noon, 'd');
    await ledger().note(KEY, noon, 'd');
    await expect(ledger().note(KEY, noon, 'late')).rejects.toThrow(LATE);
    await expect(ledger().settle(KEY, ADS, settled('late', 'h'), [])).rejects.toThrow(LATE);
    await expect(ledger().remove(KEY, 'd', noon)).rejects.toThrow(LATE);
    await ledger().forget(KEY, 'late');
    await ledger().forget(KEY, null);
    expect((await line())!.pending).toMatchObject({ id: 'd' });
    await ledger().settle(KEY, ADS, settled('d', 'h'), []);
    await ledger().settle(KEY, ADS, settled('d', 'h'), []);
    expect(await line()).toMatchObject({ delivered: { id: 'd' }, pending: null });
  });

  test('a run that lost its claim writes nothing', async () => {
    await ledger().intend(KEY, 'h', noon);
    await claim('another-run');
    const before = await line();
    const writes = [
      () => ledger().note(KEY, noon, 'd'),
      () => ledger().forget(KEY, null),
      () => ledger().intend({ ...KEY, week: '2026-05-18' }, 'h', noon),
      () => ledger().settle(KEY, ADS, settled('d', 'h'), []),
      () => ledger().intendRemoval(KEY, 'd'),
      () => ledger().remove(KEY, 'd', noon),
    ];
    for (const write of writes) await expect(write()).rejects.toMatchObject({ kind: 'ClaimLost' });
    expect(await ledger().entries(ACCOUNT, KEY.target)).toEqual([before]);
    await current().store.claims.release(ACCOUNT, 'acme');
    await expect(ledger().note({ ...KEY, runId: 'another-run' }, noon, 'd')).rejects.toMatchObject({
      kind: 'ClaimLost',
    });
  });

  test('rows that a target did not take are kept with its name, those of the last delivery alone', async () => {
    const deliver = async (id: string, ...refused: { raw: string; reason: string }[]) => {
      await ledger().intend(KEY, id, noon);
      await ledger().note(KEY, noon, id);
      await ledger().settle(KEY, ADS, settled(id, id, refused.length), refused);
    };
    const kept = () =>
      query(
        current().source,
        'SELECT object_type, object_id, raw, reason, chunk, target, run_id FROM acme_ads.rejected_rows ORDER BY raw',
      );
    await deliver('d1', { raw: '{"ctr":1}', reason: 'ctr: too large' }, { raw: '{"ctr":2}', reason: "it's" });
    expect(await kept()).toMatchObject([
      {
        ...{
          object_type: 'ads',
          object_id: null,
          raw: '{"ctr":1}',
          reason: 'ctr: too large',
          run_id: 'a-run',
        },
        ...{ chunk: 'ad_analytics, week of 2026-05-25', target: 'parquet acme' },
      },
      { raw: '{"ctr":2}', reason: "it's" },
    ]);
    await ledger().intend(KEY, 'd2', noon);
    await ledger().note(KEY, noon, 'd2');
    await ledger().fail(KEY, ADS, 'd2', [{ raw: '{"ctr":3}', reason: 'worse' }], noon);
    expect(await kept()).toMatchObject([{ raw: '{"ctr":3}' }]);
    expect(await line()).toMatchObject({ delivered: { id: 'd1' }, pending: null });
    await deliver('d3');
    expect(await kept()).toEqual([]);
  });
});
