// STORE_URL → the store behind it.
import { resolve } from 'node:path';
import { DuckDBStore } from './duckdb/duckdb-store.js';
import { StoreUnavailable, type Store } from './store.js';

/** `duckdb:data/pinterest-ads.duckdb` → the path of the file. */
export const duckdbPath = (url: string): string => resolve(url.replace(/^duckdb:(\/\/)?(?=.)/, ''));

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
  const scheme = url.split(':')[0] ?? '';
  throw new StoreUnavailable(
    `STORE_URL: ${JSON.stringify(`${scheme}:…`)} is no store this version knows; use duckdb:PATH, e.g. duckdb:data/pinterest-ads.duckdb`,
    false,
  );
};
