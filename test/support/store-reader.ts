// Reads a store as any other program would.
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';

export type Row = Record<string, unknown>;

const queryDuckDB = async (path: string, sql: string): Promise<Row[]> => {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
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

/** @param store a DuckDB file's path, or a PostgreSQL database's URL */
export const query = (store: string, sql: string): Promise<Row[]> =>
  /^postgres(ql)?:/.test(store) ? queryPostgres(store, sql) : queryDuckDB(store, sql);
