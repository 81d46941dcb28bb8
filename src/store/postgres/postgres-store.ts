// The store for many machines: PostgreSQL, by a pool of connections.
import { SqlStore } from '../sql/sql-store.js';
import { PostgresPool } from './pool.js';

export class PostgresStore extends SqlStore {
  /**
   * @param url `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`
   * @param patienceMs how long to wait for a server that cannot be used now
   * @throws StoreUnavailable where `url` is none; whether a server answers there is seen at the first use
   */
  constructor(url: string, { patienceMs = 10_000 } = {}) {
    super(new PostgresPool(url, patienceMs));
  }
}
