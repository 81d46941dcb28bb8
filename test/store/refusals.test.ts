// What Pinterest refuses an ad account is known until midnight, to runs of that dataflow and ad account alone.
import type { Refusal } from '../../src/dataflow/refusals.js';
import { prepareTables } from '../../src/activities/prepare-run.js';
import { ACCOUNT, noon, specOf } from './answers.js';
import { onEachStore } from './stores.js';

const HOUR_MS = 3_600_000;
const column = (value: string): Refusal => ({ method: 'report', what: 'column', value, said: 'HTTP 400' });
const dates: Refusal = { method: 'analytics', what: 'dates', value: '2026-05-01', said: 'HTTP 400: no' };

onEachStore((current) => {
  beforeEach(() => prepareTables(current().store, specOf()));

  test('kept once, for the rest of the UTC day', async () => {
    const { refusals } = current().store;
    await refusals.keep(ACCOUNT, [dates], noon);
    await refusals.keep(ACCOUNT, [dates, column('CTR')], noon + HOUR_MS);
    expect(await refusals.today(ACCOUNT, noon + 11 * HOUR_MS)).toEqual([dates, column('CTR')]);
    expect(await refusals.today(ACCOUNT, noon + 12 * HOUR_MS)).toEqual([]);
    expect(await refusals.today({ ...ACCOUNT, adAccountId: '7' }, noon)).toEqual([]);
    await refusals.keep(ACCOUNT, [column('ECTR')], noon + 24 * HOUR_MS);
    expect(await refusals.today(ACCOUNT, noon)).toEqual([column('ECTR')]);
  });

  test('a hundred of a day at most', async () => {
    const { refusals } = current().store;
    const many = Array.from({ length: 70 }, (_, i) => column(`COLUMN_${i}`));
    await refusals.keep(ACCOUNT, many, noon);
    await refusals.keep(
      ACCOUNT,
      [...many.slice(0, 5), ...many.map(({ value }) => column(`${value}_B`))],
      noon,
    );
    expect(await refusals.today(ACCOUNT, noon)).toHaveLength(100);
  });
});
