// Every granularity under both profiles of limits: what the store holds is what the generator says, to the last digit.
import type { Granularity } from '../../src/dataflow/chunk.js';
import { PROFILES } from '../../src/dataflow/guardrails.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { storedLines, trueLines } from '../support/truth.js';

/** Days to read: more than one call of analytics reaches under one of the profiles, where there are so many. */
const DAYS: Readonly<Record<Granularity, number>> = { TOTAL: 120, DAY: 120, HOUR: 5, WEEK: 120, MONTH: 120 };

describe.each(PROFILES)('by the limits of %s', (api) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start({
      simulator: { adAccounts: [{ campaigns: 4, adGroups: 8, ads: 16 }], profile: api },
    });
  });
  afterAll(() => harness.close());

  test.each(Object.keys(DAYS) as Granularity[])('%s', async (granularity) => {
    const objects = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
    const name = granularity.toLowerCase();
    const source = { api, granularity, objects, backfillDays: DAYS[granularity] };
    const { status, window } = await harness.run({ ...specOf(source), name });
    expect(status).toBe('success');
    for (const objectType of OBJECT_TYPES) {
      const question = { accountId: ACCOUNT, objectType, granularity, ...window! };
      const stored = await storedLines(harness.storePath, name, question);
      expect(stored.length).toBeGreaterThan(0);
      // A leading week or month that the window cuts is left out.
      const isWhole = (line: string): boolean => line.split('|')[1]! >= question.from;
      expect(stored).toEqual(trueLines(harness.simulator.generator, question).filter(isWhole));
    }
  });
});
