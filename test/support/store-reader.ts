// Reads a store as any other program would.
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';

export type Row = Record<string, unknown>;

const READING = { access_mode: 'READ_ONLY' };

/** Files that `whileOpen` holds, by path. */
const held = new Map<string, DuckDBInstance>();

const queryDuckDB = async (path: string, sql: string, settings = READING): Promise<Row[]> => {
  const open = held.get(path);
  const instance = open ?? (await DuckDBInstance.create(path, settings));
  try {
    const connection = await instance.connect();
    try {
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    } finally {
      // One that is left open keeps the file from the worker in this process.
      connection.closeSync();
    }
  } finally {
    if (!open) instance.closeSync();
  }
};

const queryPostgres = async (url: string, sql: string): Promise<Row[]> => {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
};

const isPostgres = (store: string): boolean => /^postgres(ql)?:/.test(store);

/** Changes a store behind the program's back. */
export const change = (store: string, sql: string): Promise<Row[]> =>
  isPostgres(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql, { access_mode: 'READ_WRITE' });

/** Holds a DuckDB file open, so that the queries of `work` need not each open it: that takes longer than most of them. */
export const whileOpen = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const instance = await DuckDBInstance.create(path, READING);
  held.set(path, instance);
  try {
    return await work();
  } finally {
    held.delete(path);
    instance.closeSync();
  }
};

/** @param store a DuckDB file's path, or a PostgreSQL database's URL */
export const query = (store: string, sql: string): Promise<Row[]> =>
  isPostgres(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql);
