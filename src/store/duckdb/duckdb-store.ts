// The default store: one DuckDB file, held only while something is read or written.
import { SqlStore } from '../sql/sql-store.js';
import { DuckDBFile } from './file.js';

export class DuckDBStore extends SqlStore {
  /** @param lockWaitMs how long to wait for another process that holds the file */
  constructor(path: string, { lockWaitMs = 10_000, memoryLimit = '256MB' } = {}) {
    super(new DuckDBFile(path, { lockWaitMs, memoryLimit }));
  }
}
