// How a DuckDB file is kept: in which format, and when it is given back (at once, unless opening it takes long).
import { spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { prepareTables } from '../../src/activities/prepare-run.js';
import { parseSpec } from '../../src/dataflow/parse-spec.js';
import { DuckDBFile } from '../../src/store/duckdb/file.js';
import type { Store } from '../../src/store/store.js';
import { specOf } from '../support/harness.js';
import { duckdbStore } from './stores.js';

let path: string;
let store: Store;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'store-')), 'store.duckdb');
  store = duckdbStore(path);
});

/** DuckDB lets no second database of this process have a file that another one has attached. */
const isHeld = async (): Promise<boolean> => {
  try {
    (await DuckDBInstance.fromCache(path)).closeSync();
    return false;
  } catch (error) {
    expect(String(error)).toContain('already attached');
    return true;
  }
};

const make = async (dataflows: number): Promise<void> => {
  for (let i = 0; i < dataflows; i++) await store.schemas.make(`flow-${i}`);
};

const work = () => store.claims.of({ dataflow: 'flow-0', adAccountId: '1' });

test('a file of few dataflows is free as soon as nobody works on it', async () => {
  await make(2);
  await work();
  expect(await isHeld()).toBe(false);
});

test('one of many is kept for work to come, until a run says that it has ended', async () => {
  await make(12);
  await store.giveBack();
  expect(await isHeld()).toBe(false);
  // Kept for some milliseconds: a busy machine may look later than that.
  do await work();
  while (!(await isHeld()));
  await store.giveBack();
  expect(await isHeld()).toBe(false);
});

test('one of many is free soon, whoever was the last to work on it', async () => {
  await make(12);
  await work();
  while (await isHeld()) await sleep(10);
  expect(await isHeld()).toBe(false);
});

test('columns are told of what is there, also of a view whose table has changed under it', async () => {
  const file = new DuckDBFile(path);
  await file.use(async (session) => {
    await session.run('CREATE SCHEMA acme_ads');
    await session.run('CREATE TABLE acme_ads.one (a INTEGER, b INTEGER)');
    await session.run('CREATE VIEW acme_ads.broken AS SELECT b AS d, a AS c FROM acme_ads.one');
    await session.run('CREATE VIEW acme_ads.whole AS SELECT 1 AS e');
    await session.run('CREATE VIEW acme_ads."odd (" AS SELECT a AS f FROM acme_ads.one');
    await session.run('ALTER TABLE acme_ads.one RENAME a TO z');
    const held = await session.columns('acme-ads', ['one', 'whole', 'broken', 'odd (', 'absent']);
    expect([...held]).toEqual([
      ['one', ['z', 'b']],
      ['whole', ['e']],
      ['broken', ['d', 'c']],
      ['odd (', ['f']],
    ]);
    expect(await session.columns('nobody', ['one'])).toEqual(new Map());
  });
});

/** What DuckDB 1.2 reads of the file, in a process of its own. */
const readByTheOldest = (sql: string): unknown => {
  const program = `(async () => {
    const { DuckDBInstance } = require('oldest-duckdb');
    const connection = await (await DuckDBInstance.create()).connect();
    await connection.run(${JSON.stringify(`ATTACH '${path}' AS there (READ_ONLY)`)});
    console.log(JSON.stringify((await connection.runAndReadAll(${JSON.stringify(sql)})).getRows()));
  })()`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
};

test('DuckDB 1.2 reads the tables and the views of a dataflow', async () => {
  await prepareTables(store, parseSpec(specOf(), { today: '2026-11-29' }));
  await store.giveBack();
  const tables = ['coverage', 'campaign_analytics', 'freshness', 'runs', 'campaign_daily', 'ad_details'];
  for (const table of tables)
    expect(readByTheOldest(`SELECT count(*)::INTEGER FROM there.acme_ads.${table}`)).toEqual([[0]]);
});

test('DuckDB 1.2 reads a file of many tables, whatever was written last', async () => {
  // A size, down to the names, at which what was written last took a place that DuckDB 1.2 sought the older rows in.
  path = join(dirname(path), 't6.duckdb');
  const file = new DuckDBFile(path);
  const columns = Array.from({ length: 12 }, (_, i) => `c${i} INTEGER`).join(', ');
  await file.use((session) =>
    session.transaction(async () => {
      for (let i = 0; i < 300; i++) await session.run(`CREATE TABLE t${i} (${columns})`);
    }),
  );
  const written: string[] = [];
  for (let i = 0; i < 4; i++) {
    const row = Array.from({ length: 12 }, () => 'i::INTEGER').join(', ');
    await file.use((session) =>
      session.run(`INSERT INTO t${7 * i} SELECT ${row} FROM range(300) AS numbered(i)`),
    );
    await file.giveBack();
    written.push(`SELECT * FROM there.t${7 * i}`);
    const all = written.join(' UNION ALL ');
    expect(readByTheOldest(`SELECT count(c11)::INTEGER FROM (${all})`)).toEqual([[300 * written.length]]);
  }
});

test('every DuckDB since 1.2 reads a new file', async () => {
  await make(1);
  await store.giveBack();
  const instance = await DuckDBInstance.create(path);
  const connection = await instance.connect();
  const formats = await connection.runAndReadAll(
    `SELECT tags['storage_version'] FROM duckdb_databases() WHERE path IS NOT NULL`,
  );
  connection.closeSync();
  instance.closeSync();
  expect(formats.getRows()).toEqual([['v1.2.0+']]);
});
