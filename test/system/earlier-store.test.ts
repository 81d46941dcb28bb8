// Upgrades: a store that an earlier version wrote opens, and converges to what Pinterest has.
// Each folder of test/store/earlier is such a store as DuckDB's EXPORT DATABASE writes it, named after its version.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const EARLIER = resolve('test/store/earlier');

let harness: Harness;
afterEach(() => harness.close());

const importStore = async (version: string, path: string): Promise<void> => {
  const folder = join(EARLIER, version);
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  for (const file of ['schema.sql', 'load.sql'])
    await connection.run(readFileSync(join(folder, file), 'utf8').replaceAll('{folder}', folder));
  connection.closeSync();
  instance.closeSync();
};

test.each(readdirSync(EARLIER))('a store of version %s opens and converges', async (version) => {
  harness = await Harness.start({
    simulator: { adAccounts: [{ id: ACCOUNT, campaigns: 3, adGroups: 3, ads: 3 }] },
  });
  await importStore(version, harness.storePath);
  const runs = 'SELECT count(*)::INTEGER AS runs FROM acme_ads.flow_runs';
  expect(await query(harness.storePath, runs)).toEqual([{ runs: 1 }]);

  const objects = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));
  const run = await harness.run(specOf({ objects, backfillDays: 120 }));
  expect(run.status).toBe('success');
  expect(await query(harness.storePath, runs)).toEqual([{ runs: 2 }]);
  const today = dateOf(Date.now());
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(today, -119), to: today };
    expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
      trueLines(harness.simulator.generator, question),
    );
  }
});
