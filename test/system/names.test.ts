// Objects by name: what is meant is read, and who mistypes hears of it.
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';

let harness: Harness;
afterEach(() => harness.close());

const campaigns = (...names: string[]) =>
  specOf({ objects: [{ type: 'campaigns', names }], backfillDays: 3 });
const name = (campaign: number, text: string): void => {
  harness.simulator.generator.objects(ACCOUNT).campaigns[campaign]!.name = text;
};

test('accents, emoji and combining characters are found however they are written', async () => {
  harness = await Harness.start();
  // One code point in the spec, two in Pinterest, and the other way round.
  name(0, 'Cafe\u0301 Mu\u0308nchen');
  name(1, '\u00c9t\u00e9 \u2600\ufe0f');
  name(2, 'Gifts \u{1f381} 2026');
  name(3, 'Cafeteria');
  const run = await harness.run(campaigns('caf\u00e9 *', 'E\u0301TE\u0301 \u2600', '*\u{1f381} 2026'));
  expect(run.status).toBe('success');
  const read = await query(
    harness.storePath,
    `SELECT DISTINCT c.name FROM acme_ads.coverage v JOIN acme_ads.campaigns c ON c.id = v.scope ORDER BY 1`,
  );
  expect(read.map(({ name }) => name)).toEqual([
    'Cafe\u0301 Mu\u0308nchen',
    'Gifts \u{1f381} 2026',
    '\u00c9t\u00e9 \u2600\ufe0f',
  ]);
});

test('a name that finds nothing is told with the nearest ones; the others are read', async () => {
  harness = await Harness.start();
  name(0, 'Spring Sale');
  const run = await harness.run(campaigns('Sprnig Sale', 'summer*'));
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors).toMatchObject([{ code: 'UnknownObjects' }]);
  expect(run.statusSummary.errors[0]!.message).toMatch(
    /has no campaigns "Sprnig Sale"\. Nearest to "Sprnig Sale": "Spring Sale", .*The others were read\./,
  );
});

test('a run that finds none of its objects fails', async () => {
  harness = await Harness.start();
  name(0, 'Spring Sale');
  const handle = await harness.begin(campaigns('Sprnig *'));
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      type: 'UnknownObjects',
      message: expect.stringMatching(/Nearest to "Sprnig \*": "Spring .*Nothing was read/) as string,
      details: [{ status: 'failed', apiCalls: { total: 2, catalogue: 1 } }],
    },
  });
  const runs = await query(harness.storePath, 'SELECT status FROM acme_ads.flow_runs');
  expect(runs).toEqual([{ status: 'failed' }]);
});

test('an ad account without any object has nothing to read: all of nothing is read, a name of nothing is not', async () => {
  harness = await Harness.start({
    simulator: { adAccounts: [{ id: ACCOUNT, campaigns: 0, adGroups: 0, ads: 0 }] },
  });
  const objects = ['campaigns', 'ad_groups', 'ads'].map((type) => ({ type, ids: 'all' }));
  const all = await harness.run(specOf({ objects }));
  expect(all).toMatchObject({ status: 'success', recordSummary: { inputRecordCount: 0 } });
  expect(harness.calls()).toBe(all.apiCalls.total);
  for (const selection of [{ names: ['*'] }, { ids: ['777'] }]) {
    const handle = await harness.begin(specOf({ objects: [{ type: 'campaigns', ...selection }] }));
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'UnknownObjects' } });
  }
});
