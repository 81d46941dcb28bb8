// STORE_URL → the store behind it.
import { resolve } from 'node:path';
import { DuckDBStore } from './duckdb/duckdb-store.js';
import { StoreUnavailable, type Store } from './store.js';

/** `duckdb:data/pinterest-ads.duckdb` → the path of the file. */
export const duckdbPath = (url: string): string => resolve(url.replace(/^duckdb:(\/\/)?(?=.)/, ''));

/** @throws StoreUnavailable for an address that no store is known for */
export const openStore = (url: string): Store => {
  if (url.startsWith('duckdb:')) return new DuckDBStore(duckdbPath(url));
  const scheme = url.split(':')[0] ?? '';
  throw new StoreUnavailable(
    `STORE_URL: ${JSON.stringify(`${scheme}:…`)} is no store this version knows; use duckdb:PATH, e.g. duckdb:data/pinterest-ads.duckdb`,
    false,
  );
};
