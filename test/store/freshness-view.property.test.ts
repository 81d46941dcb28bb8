// The view `freshness` tells what planning finds: a date is stale there if some cell of it is in a gap.
import fc from 'fast-check';
import { addDays, dateOf, dayNumber, midnightMs } from '../../src/dataflow/dates.js';
import { findGaps, type Need } from '../../src/dataflow/gaps.js';
import { periodsIn, rollingWindow } from '../../src/dataflow/window.js';
import { needs, type Case } from '../dataflow/arbitrary-needs.js';
import { needWith, rowOf, TODAY } from '../dataflow/needs.js';
import { change, query } from '../support/store-reader.js';
import { ACCOUNT } from './answers.js';
import { onEachStore } from './stores.js';

const today = dateOf(Date.now());
const later = dayNumber(today) - dayNumber(TODAY);
const shifted = (ms: number): number => ms + later * 86_400_000;

/** The same need as of today: the view looks at the clock. */
const asOfToday = (need: Need): { need: Need; backfillDays: number } => {
  const [oldest] = need.periods;
  const backfillDays = oldest ? dayNumber(TODAY) - dayNumber(oldest.from) + 1 : 1;
  return {
    backfillDays,
    need: {
      ...need,
      objects:
        need.objects?.map(({ id, firstSeenMs }) => ({ id, firstSeenMs: shifted(firstSeenMs) })) ?? null,
      periods: periodsIn(rollingWindow(today, backfillDays), need.criteria.granularity, today),
      coverage: need.coverage.map((row) => ({
        ...row,
        from: addDays(row.from, later),
        to: addDays(row.to, later),
        askedForMs: shifted(row.askedForMs),
        knownIdsAtMs: row.knownIdsAtMs === null ? null : shifted(row.knownIdsAtMs),
      })),
      criteria: { ...need.criteria, rereadFinal: false, freshSinceMs: midnightMs(today) },
    },
  };
};

/** Of two rows of the same age the one that does not fit counts, in whichever order they are stored. */
const asOld: Case[] = [true, false].map((fitsFirst) => {
  const rows = [{}, { attribution: '7/7/1' }].map((more) => rowOf('*', TODAY, TODAY, more));
  return {
    need: needWith({ coverage: fitsFirst ? rows : rows.reverse() }),
    settings: { profile: 'current', today: TODAY },
  };
});

onEachStore((current) => {
  test('dates are stale where planning finds a gap, and no others', async () => {
    const { store, source } = current();
    await store.schemas.make(ACCOUNT.dataflow);
    await fc.assert(
      fc.asyncProperty(needs(), async (given) => {
        const { need, backfillDays } = asOfToday(given.need);
        await store.wanted.keep(ACCOUNT, [need], backfillDays);
        await store.cells.forget(ACCOUNT, need, () => ({ coverage: [...need.coverage], cells: 0 }));
        const seen = (need.objects ?? []).map(
          ({ id, firstSeenMs }) =>
            `('${ACCOUNT.adAccountId}', '${id}', TIMESTAMP '${new Date(firstSeenMs).toISOString().slice(0, -1)}')`,
        );
        await change(source, 'DELETE FROM acme_ads.campaigns');
        if (seen.length > 0)
          await change(
            source,
            `INSERT INTO acme_ads.campaigns (ad_account_id, id, _first_seen_at) VALUES ${seen.join(', ')}`,
          );
        const rows = await query(
          source,
          `SELECT date::TEXT AS date, state FROM acme_ads.freshness ORDER BY date`,
        );
        const dated = need.criteria.granularity === 'TOTAL' ? 'to' : 'from';
        expect(rows.map(({ date }) => date)).toEqual(need.periods.map((period) => period[dated]));
        const stale = new Set(findGaps(need).gaps.flatMap((gap) => gap.stale));
        expect(rows.map(({ state }) => ['stale', 'never read'].includes(String(state)))).toEqual(
          need.periods.map((_, i) => stale.has(i)),
        );
      }),
      { numRuns: 40, examples: asOld.map((given): [Case] => [given]) },
    );
  });
});
