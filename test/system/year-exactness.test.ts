// The check that the year lives by sees what is wrong: in a store that is spoilt behind the program's back.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { change } from '../support/store-reader.js';
import { Exactness } from '../support/year/exactness.js';

const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION'];
const DAYS = 90;

let harness: Harness;
let check: () => Promise<string[]>;
const today = dateOf(Date.now());

beforeAll(async () => {
  harness = await Harness.start({
    simulator: {
      now: () => Date.parse(`${today}T06:00:00Z`),
      adAccounts: [{ campaigns: 2, adGroups: 2, ads: 4 }],
    },
  });
  await harness.run(specOf({ columns: COLUMNS, backfillDays: DAYS }));
  const exactness = new Exactness(harness.storePath, harness.simulator.generator);
  const compared = {
    schema: 'acme_ads',
    accountId: ACCOUNT,
    objectType: 'campaigns' as const,
    columns: COLUMNS,
    from: addDays(today, 1 - DAYS),
  };
  check = () => exactness.differences(compared, Date.parse(`${today}T06:00:00Z`));
});
afterAll(() => harness.close());

const spoil = (set: string): Promise<unknown> => change(harness.storePath, set);
const TABLE = 'acme_ads.campaign_analytics';
const oneRow = (daysAgo: number): string =>
  `rowid = (SELECT min(rowid) FROM ${TABLE} WHERE date = '${addDays(today, -daysAgo)}')`;

test('nothing, while the store is right', async () => {
  expect(await check()).toEqual([]);
});

test.each([
  [
    'a number that may still change',
    `UPDATE ${TABLE} SET total_impression = total_impression + 1 WHERE ${oneRow(5)}`,
    /has .*\n.*lacks /,
  ],
  ['a row that is gone', `DELETE FROM ${TABLE} WHERE ${oneRow(6)}`, /lacks /],
  [
    'a row that stands there twice',
    `INSERT INTO ${TABLE} SELECT * FROM ${TABLE} WHERE ${oneRow(7)}`,
    /rows twice/,
  ],
  [
    'a final number',
    `UPDATE ${TABLE} SET total_impression = total_impression + 1 WHERE ${oneRow(60)}`,
    /changed on .* which was final/,
  ],
  ['a final date', `DELETE FROM ${TABLE} WHERE date = '${addDays(today, -70)}'`, /lost .* which was final/],
])('%s', async (_what, sql, words) => {
  const before = new Set(await check());
  await spoil(sql);
  const found = (await check()).filter((difference) => !before.has(difference));
  expect(found.join('\n')).toMatch(words);
});
