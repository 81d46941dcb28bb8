// The main job with PostgreSQL as the store.
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { newDatabase } from '../support/databases.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));

test('186 dates of all object types arrive in PostgreSQL cell by cell, and a second run changes nothing', async () => {
  const database = await newDatabase();
  const harness = await Harness.start({ environment: { STORE_URL: database } });
  try {
    const today = dateOf(Date.now());
    const from = addDays(today, -185);
    const expectTruth = async (): Promise<void> => {
      for (const objectType of OBJECT_TYPES) {
        const question = { accountId: ACCOUNT, objectType, from, to: today };
        const stored = await storedLines(database, 'acme_ads', question);
        expect(stored.length).toBeGreaterThan(1_000);
        expect(stored).toEqual(trueLines(harness.simulator.generator, question));
      }
    };
    const first = await harness.run(specOf({ objects: EVERYTHING }));
    expect(first).toMatchObject({ status: 'success', window: { from, to: today } });
    expect(harness.calls()).toBe(14);
    await expectTruth();

    const second = await harness.run(specOf({ objects: EVERYTHING }));
    expect(second).toMatchObject({
      status: 'success',
      restated: { rowsChanged: 0, oldestDateChanged: null },
    });
    expect(harness.calls()).toBe(18);
    await expectTruth();

    const runs = await query(database, 'SELECT status FROM acme_ads.flow_runs');
    expect(runs).toEqual([{ status: 'success' }, { status: 'success' }]);
  } finally {
    await harness.close();
  }
});
