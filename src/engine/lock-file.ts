// A file that one process holds at a time, by the operating system's lock that makes a DuckDB file one process's own.
import { DuckDBInstance } from '@duckdb/node-api';

export type Lock = Pick<DuckDBInstance, 'closeSync'>;

/**
 * Holds a file until it is closed or this process ends, however it ends. The operating system sees to that, also across
 * containers, where process ids would repeat. Within one process it holds nobody back.
 * @returns undefined if another process holds it, or another user has made it
 * @throws Error if it is no DuckDB file: its process was killed while it made it, and nobody holds it
 */
export const holdFile = async (path: string): Promise<Lock | undefined> => {
  try {
    return await DuckDBInstance.create(path, { threads: '1' });
  } catch (error) {
    if (/Could not set lock|ermission denied/.test((error as Error).message)) return undefined;
    throw error;
  }
};
