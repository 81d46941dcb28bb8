// STORE_URL → the store behind it.
import { dirname, resolve } from 'node:path';
import { DuckDBFile } from './duckdb/file.js';
import { addressOf } from './postgres/address.js';
import { PostgresPool } from './postgres/pool.js';
import type { Database } from './sql/session.js';
import { storeOn, StoreUnavailable, type Store } from './store.js';

/** `duckdb:data/pinterest-ads.duckdb` → the path of the file. */
export const duckdbPath = (url: string): string => resolve(url.replace(/^duckdb:(\/\/)?(?=.)/, ''));

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

const schemeOf = (url: string): string => `${url.split(':')[0] ?? ''}:…`;

/** Where the store is, for a person: without what a URL holds besides, a password among it. */
export const storeName = (url: string): string => {
  if (isPostgres(url)) return addressOf(url);
  return url.startsWith('duckdb:') ? duckdbPath(url) : schemeOf(url);
};

/**
 * The path of a file that can be a database.
 * @throws StoreUnavailable for a name that DuckDB takes for data: it opens such a file as a table of a database in memory,
 * which would be gone with the program
 */
export const databasePath = (url: string): string => {
  const path = duckdbPath(url);
  if (!/\.(json|ndjson|jsonl|csv|tsv|parquet|gz|zst)$/i.test(path)) return path;
  throw new StoreUnavailable(`${path} is no name for a database; use one that ends in .duckdb`, false);
};

/**
 * @param readOnly for who only looks: others may read a DuckDB file at the same time, and it is not made
 * @throws StoreUnavailable for an address that no store is known for
 */
export const openDatabase = (url: string, { readOnly = false } = {}): Database => {
  if (url.startsWith('duckdb:')) return new DuckDBFile(databasePath(url), { readOnly });
  if (isPostgres(url)) return new PostgresPool(url);
  throw new StoreUnavailable(
    `STORE_URL: ${JSON.stringify(schemeOf(url))} is no store this version knows; use duckdb:PATH, e.g. duckdb:data/pinterest-ads.duckdb, or postgres://USER:PASSWORD@HOST/DATABASE`,
    false,
  );
};

/** @throws StoreUnavailable as `openDatabase` does */
export const openStore = (url: string, options?: { readOnly: boolean }): Store =>
  storeOn(openDatabase(url, options));

/** Where what belongs to a store is kept: beside it if it is a file. */
export const folderOfStore = (url: string): string =>
  url.startsWith('duckdb:') ? dirname(duckdbPath(url)) : resolve('data');
