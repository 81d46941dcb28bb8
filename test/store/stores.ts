// Each kind of store, fresh for each test: what one promises, all do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBFile } from '../../src/store/duckdb/file.js';
import { PostgresPool } from '../../src/store/postgres/pool.js';
import { storeOn, type Store } from '../../src/store/store.js';
import { Postgres } from '../support/postgres.js';
import { query } from '../support/store-reader.js';

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

interface Kind {
  start(): Promise<void>;
  fresh(): Promise<TestStore>;
  stop(): Promise<void>;
}

const duckdb = (): Kind => {
  let folder: string;
  let made = 0;
  return {
    start: async () => {
      folder = await mkdtemp(join(tmpdir(), 'stores-'));
    },
    fresh: async () => {
      const source = join(folder, `store-${made++}.duckdb`);
      const store = duckdbStore(source);
      return { store, another: store, source };
    },
    stop: () => rm(folder, { recursive: true, force: true }),
  };
};

const postgres = (): Kind => {
  let server: Postgres;
  let made = 0;
  return {
    start: async () => {
      server = await Postgres.start();
    },
    fresh: async () => {
      const name = `store_${made++}`;
      await query(server.url(), `CREATE DATABASE ${name}`);
      const source = server.url(name);
      return { store: postgresStore(source), another: postgresStore(source), source };
    },
    stop: () => server.close(),
  };
};

/** Runs `tests` on each kind of store; `current` is the store of the running test. */
export const onEachStore = (tests: (current: () => TestStore) => void): void => {
  describe.each([
    ['DuckDB', duckdb()],
    ['PostgreSQL', postgres()],
  ])('%s', (_, kind) => {
    let store: TestStore;
    beforeAll(() => kind.start());
    beforeEach(async () => {
      store = await kind.fresh();
    });
    afterAll(() => kind.stop());
    tests(() => store);
  });
};
