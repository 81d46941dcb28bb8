// Reads a DuckDB store as any other program would.
import { DuckDBInstance } from '@duckdb/node-api';

export const query = async (path: string, sql: string): Promise<Record<string, unknown>[]> => {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const reader = await connection.runAndReadAll(sql);
    const rows = reader.getRowObjectsJson() as Record<string, unknown>[];
    connection.closeSync();
    return rows;
  } finally {
    instance.closeSync();
  }
};
