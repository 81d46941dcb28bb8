// What a run costs on the days after the backfill, for a small ad account.
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { movedClock } from '../support/moved-clock.js';

test('the catalogue is read each day, the ad account once a week', async () => {
  const clock = movedClock();
  const harness = await Harness.start({
    simulator: { now: clock.now, adAccounts: [{ id: ACCOUNT, campaigns: 3, adGroups: 6, ads: 20 }] },
  });
  try {
    const spec = specOf({
      objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })),
      backfillDays: 3,
    });
    await harness.run(spec);
    const calls = async (days: number): Promise<unknown> => {
      clock.ahead(days);
      const { status, apiCalls } = await harness.run(spec);
      return { status, apiCalls };
    };
    const cheap = { analytics: 3, reports: 0, catalogue: 3, other: 0, retried: 0, total: 6 };
    expect(await calls(1)).toEqual({ status: 'success', apiCalls: cheap });
    expect(await calls(5)).toEqual({ status: 'success', apiCalls: cheap });
    expect(await calls(1)).toEqual({ status: 'success', apiCalls: { ...cheap, other: 1, total: 7 } });
  } finally {
    await harness.close();
  }
});
