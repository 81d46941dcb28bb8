// Each kind of store, fresh for each test: what one promises, all do.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBFile } from '../../src/store/duckdb/file.js';
import { PostgresPool } from '../../src/store/postgres/pool.js';
import { storeOn, type Store } from '../../src/store/store.js';
import { newDatabase } from '../support/databases.js';

export const duckdbStore = (path: string): Store => storeOn(new DuckDBFile(path));

/** @param patienceMs how long to wait for a server that cannot be used now */
export const postgresStore = (url: string, patienceMs?: number): Store =>
  storeOn(new PostgresPool(url, patienceMs));

export interface TestStore {
  store: Store;
  /** The same data as another worker has it; DuckDB has one worker. */
  another: Store;
  /** For `query`. */
  source: string;
}

const duckdb = async (): Promise<TestStore> => {
  const source = join(await mkdtemp(join(tmpdir(), 'store-')), 'store.duckdb');
  const store = duckdbStore(source);
  return { store, another: store, source };
};

const postgres = async (): Promise<TestStore> => {
  const source = await newDatabase();
  return { store: postgresStore(source), another: postgresStore(source), source };
};

/** Runs `tests` on each kind of store; `current` is the store of the running test. */
export const onEachStore = (tests: (current: () => TestStore) => void): void => {
  describe.each([
    ['DuckDB', duckdb],
    ['PostgreSQL', postgres],
  ])('%s', (_, fresh) => {
    let store: TestStore;
    beforeEach(async () => {
      store = await fresh();
    });
    tests(() => store);
  });
};
