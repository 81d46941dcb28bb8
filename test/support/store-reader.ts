// Reads a store as any other program would.
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';

export type Row = Record<string, unknown>;

const queryDuckDB = async (path: string, sql: string, mode = 'READ_ONLY'): Promise<Row[]> => {
  const instance = await DuckDBInstance.create(path, { access_mode: mode });
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

/** @param store a DuckDB file's path, or a PostgreSQL database's URL */
export const query = (store: string, sql: string): Promise<Row[]> =>
  isPostgres(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql);
