// STORE_URL → the store behind it.
import { resolve } from 'node:path';
import { DuckDBStore } from './duckdb/duckdb-store.js';
import { addressOf } from './postgres/address.js';
import { PostgresStore } from './postgres/postgres-store.js';
import { StoreUnavailable, type Store } from './store.js';

/** `duckdb:data/pinterest-ads.duckdb` → the path of the file. */
export const duckdbPath = (url: string): string => resolve(url.replace(/^duckdb:(\/\/)?(?=.)/, ''));

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

/** Where the store is, for a person: without what a URL holds besides, a password among it. */
export const storeName = (url: string): string => (isPostgres(url) ? addressOf(url) : duckdbPath(url));

/** @throws StoreUnavailable for an address that no store is known for */
export const openStore = (url: string): Store => {
  if (url.startsWith('duckdb:')) {
    const path = duckdbPath(url);
    // DuckDB opens such files as tables of a database in memory, which would be gone with the worker.
    if (/\.(json|ndjson|jsonl|csv|tsv|parquet|gz|zst)$/i.test(path)) {
      throw new StoreUnavailable(
        `STORE_URL: ${path} is no name for a database; use one that ends in .duckdb`,
        false,
      );
    }
    return new DuckDBStore(path);
  }
  if (isPostgres(url)) return new PostgresStore(url);
  const scheme = url.split(':')[0] ?? '';
  throw new StoreUnavailable(
    `STORE_URL: ${JSON.stringify(`${scheme}:…`)} is no store this version knows; use duckdb:PATH, e.g. duckdb:data/pinterest-ads.duckdb, or postgres://USER:PASSWORD@HOST/DATABASE`,
    false,
  );
};
