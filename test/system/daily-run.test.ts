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

test('an ad account of 300 ads takes eight calls a day', async () => {
  const clock = movedClock();
  const harness = await Harness.start({ simulator: { now: clock.now } });
  try {
    const spec = specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) });
    await harness.run(spec);
    clock.ahead(1);
    const daily = await harness.run(spec);
    expect(daily.apiCalls).toEqual({
      analytics: 4,
      reports: 0,
      catalogue: 4,
      other: 0,
      retried: 0,
      total: 8,
    });
  } finally {
    await harness.close();
  }
});
