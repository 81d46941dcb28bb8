// The default store: one DuckDB file, held only while something is read or written.
import { existsSync } from 'node:fs';
import { SqlStore } from '../sql/sql-store.js';
import type { Holding, Unreadable } from '../store.js';
import { DuckDBFile } from './file.js';

export class DuckDBStore extends SqlStore {
  private readonly file: DuckDBFile;

  /** @param lockWaitMs how long to wait for another process that holds the file */
  constructor(path: string, { lockWaitMs = 10_000, memoryLimit = '256MB' } = {}) {
    const file = new DuckDBFile(path, { lockWaitMs, memoryLimit });
    super(file);
    this.file = file;
  }

  /** Those who only watch make no file. */
  override async holdings(patienceMs: number, unreadable: Unreadable): Promise<Holding[]> {
    return existsSync(this.file.path) ? super.holdings(patienceMs, unreadable) : [];
  }
}
