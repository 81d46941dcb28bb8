// From a DuckDB file to PostgreSQL by `npm run move-store`, in the middle of a run.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { newDatabase } from '../support/databases.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';
import { bareEnvironment } from '../support/worker-process.js';

const EVERYTHING = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));

let database: string;
let harness: Harness;
let requests: Requests;
beforeEach(async () => {
  database = await newDatabase();
  requests = new Requests();
  harness = await Harness.start({ simulator: { middleware: [requests.middleware] } });
});
afterEach(() => harness.close());

const move = async (file: string, storeUrl: string, TMPDIR = tmpdir()) => {
  const environment = { ...bareEnvironment(), STORE_URL: storeUrl, TMPDIR };
  const run = promisify(execFile)(process.execPath, ['dist/src/move-store.js', file], { env: environment });
  return run.then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
};

/** Every row of every table, as text; which views were made is each database's own. */
const contentsOf = async (store: string): Promise<Record<string, string[]>> => {
  const tables = await query(
    store,
    `SELECT DISTINCT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'acme_ads' AND table_name <> 'views_made' ORDER BY 1`,
  );
  const contents: Record<string, string[]> = {};
  for (const { name } of tables) {
    const columns = await query(
      store,
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns
       WHERE table_schema = 'acme_ads' AND table_name = '${String(name)}' ORDER BY column_name`,
    );
    const texts = columns.map(({ name, type }) =>
      /^timestamp/i.test(String(type))
        ? `(extract(epoch FROM "${String(name)}") * 1000000)::BIGINT::TEXT`
        : /^double/i.test(String(type))
          ? `("${String(name)}" * 1000000)::BIGINT::TEXT`
          : `CAST("${String(name)}" AS TEXT)`,
    );
    const line = texts.map((text) => `coalesce(${text}, 'NULL')`).join(` || ' ' || `);
    const rows = await query(store, `SELECT ${line} AS line FROM acme_ads.${String(name)}`);
    contents[String(name)] = rows.map(({ line }) => String(line)).sort();
  }
  return contents;
};

test('rows that a killed move had in hand are not left in the temporary folder', async () => {
  await harness.run(specOf({ objects: [{ type: 'campaigns', ids: 'all' }], backfillDays: 3 }));
  await harness.stopWorker();
  const temporary = await mkdtemp(join(tmpdir(), 'move-'));
  await mkdir(join(temporary, 'pinterest-ads-killed'));
  await writeFile(join(temporary, 'pinterest-ads-killed/rows.parquet'), 'rows');
  await writeFile(join(temporary, 'pinterest-ads-killed.lock'), '');
  expect(await move(harness.storePath, database, temporary)).toMatchObject({ code: 0 });
  expect(await readdir(temporary)).toEqual([]);
});

test('a run that began on a DuckDB file ends in PostgreSQL, and asks for nothing twice', async () => {
  const handle = await harness.begin(specOf({ objects: EVERYTHING }));
  await requests.reach(3, /reports|analytics/);
  await harness.stopWorker();

  expect(await move(harness.storePath, database)).toMatchObject({ code: 0 });
  const before = await contentsOf(harness.storePath);
  expect(Object.keys(before).length).toBeGreaterThanOrEqual(12);
  expect(before['campaigns']!.length).toBeGreaterThan(0);
  expect(await contentsOf(database)).toEqual(before);

  harness.environment['STORE_URL'] = database;
  await harness.startWorker();
  expect(((await handle.result()) as FlowRun).status).toBe('success');
  const to = dateOf(Date.now());
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(to, -185), to };
    const stored = await storedLines(database, 'acme_ads', question);
    expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  }
  const second = await harness.run(specOf({ objects: EVERYTHING }));
  expect(second).toMatchObject({ status: 'success', restated: { rowsChanged: 0 } });
  // As much as without a move: no final cell is read again.
  expect(second.apiCalls.total).toBe(4);
});

test('a database that holds rows of the dataflow, and a file that is not there, are refused with nothing moved', async () => {
  await harness.run(specOf({ backfillDays: 5 }));
  await harness.stopWorker();
  expect(await move(harness.storePath, database)).toMatchObject({ code: 0 });
  const before = await contentsOf(database);
  const again = await move(harness.storePath, database);
  expect(again.code).toBe(1);
  expect(again.said).toMatch(
    /The schema acme_ads of STORE_URL holds \d+ rows in \w+ already: nothing is moved there/,
  );
  expect(await contentsOf(database)).toEqual(before);

  const missing = await move(`${harness.storePath}.nowhere`, database);
  expect(missing).toEqual({ code: 1, said: expect.stringContaining('There is no file') });
  for (const other of [
    'duckdb:other.duckdb',
    'postgre://loader:S3cret@db/ads',
    '"postgres://loader:S3cret@db/ads"',
  ]) {
    const { code, said } = await move(harness.storePath, other);
    expect(code).toBe(1);
    expect(said).toBe(
      'STORE_URL is no address of PostgreSQL. Set it to postgres://USER:PASSWORD@HOST/DATABASE\n',
    );
  }
  const zipped = await move('backup.duckdb.gz', database);
  expect(zipped).toEqual({ code: 1, said: expect.stringContaining('is no name for a database') });
});
