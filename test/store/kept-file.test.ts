// How a DuckDB file is kept: in which format, and when it is given back (at once, unless opening it takes long).
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Store } from '../../src/store/store.js';
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
  await work();
  expect(await isHeld()).toBe(true);
  await store.giveBack();
  expect(await isHeld()).toBe(false);
});

test('one of many is free soon, whoever was the last to work on it', async () => {
  await make(12);
  await work();
  while (await isHeld()) await sleep(10);
  expect(await isHeld()).toBe(false);
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
