// Reads a store as any other program would.
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';

export type Row = Record<string, unknown>;

const READING = { access_mode: 'READ_ONLY' };

const queryDuckDB = async (path: string, sql: string, mode?: string): Promise<Row[]> => {
  const instance = await (mode === undefined
    ? DuckDBInstance.fromCache(path, READING)
    : DuckDBInstance.create(path, { access_mode: mode }));
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    const rows = reader.getRowObjectsJson() as Row[];
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
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
  isPostgres(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql, 'READ_WRITE');

/** Holds a DuckDB file open, so that the queries of `work` need not each open it: that takes longer than most of them. */
export const whileOpen = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  const instance = await DuckDBInstance.fromCache(path, READING);
  try {
    return await work();
  } finally {
    instance.closeSync();
  }
};

/** @param store a DuckDB file's path, or a PostgreSQL database's URL */
export const query = (store: string, sql: string): Promise<Row[]> =>
  isPostgres(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql);
