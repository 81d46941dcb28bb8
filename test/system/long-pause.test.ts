// A dataflow whose schedule was paused for two months: what was read too early is read again, that and nothing else.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { DataflowClient } from '../../src/client.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { movedClock } from '../support/moved-clock.js';
import { storedLines, trueLines } from '../support/truth.js';

const PAUSE_DAYS = 60;
/** Dates that are not final on the day they are read: 30 days of restatements, 2 for time zones. */
const NOT_FINAL = 32;

test('paused for 60 days, resumed: afterwards every cell equals the source', async () => {
  const clock = movedClock();
  // Reports are ready when they are looked at first: a later look has a time of the moved clock, which timers do not follow.
  const harness = await Harness.start({ simulator: { now: clock.now, reportPollsUntilReady: 1 } });
  process.env['TEMPORAL_NAMESPACE'] = harness.namespace;
  const client = await DataflowClient.connect(harness.environment['TEMPORAL_ADDRESS']);
  try {
    const spec = specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) });
    const before = dateOf(clock.now());
    await client.create(spec);
    await (await client.trigger('acme-ads')).result();
    await client.pause('acme-ads', 'for two months');

    clock.ahead(PAUSE_DAYS);
    await client.resume('acme-ads');
    const record = await (await client.trigger('acme-ads')).result();
    const { campaigns, ad_groups, ads } = harness.simulator.generator.objects(ACCOUNT);
    const objects = campaigns.length + ad_groups.length + ads.length;
    expect(record).toMatchObject({ status: 'success', restated: { cells: NOT_FINAL * objects } });
    expect(record.restated.rowsChanged).toBeGreaterThan(0);
    expect(record.restated.oldestDateChanged! > addDays(before, -NOT_FINAL)).toBe(true);

    for (const objectType of OBJECT_TYPES) {
      const question = {
        accountId: ACCOUNT,
        objectType,
        from: addDays(before, -185),
        to: addDays(before, PAUSE_DAYS),
        now: clock.now(),
      };
      const stored = await storedLines(harness.storePath, 'acme_ads', question);
      expect(stored).toEqual(trueLines(harness.simulator.generator, question));
    }
    expect((await client.status('acme-ads')).coverage.map(({ staleCells }) => staleCells)).toEqual([0, 0, 0]);
  } finally {
    delete process.env['TEMPORAL_NAMESPACE'];
    await client.close();
    await harness.close();
  }
});
