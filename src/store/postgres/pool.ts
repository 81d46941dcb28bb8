// Connections to PostgreSQL: kept for the next piece of work, replaced when they are lost.
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import type { Database, Session } from '../sql/session.js';
import { addressOf, strict } from './address.js';
import { cannotBeOpened, cannotBeUsedNow, isRefusal, passes } from './failures.js';
import { PostgresSession } from './session.js';

const CONNECT_TIMEOUT_MS = 10_000;
const RETRY_MS = 200;
const LONGEST_RETRY_MS = 5_000;

export class PostgresPool implements Database {
  private readonly pool: Pool;
  private readonly address: string;

  /**
   * @param url `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`
   * @throws StoreUnavailable if `url` is none; whether a server answers there is seen at the first use
   */
  constructor(
    url: string,
    /** How long to wait for a server that cannot be used now. */
    private readonly patienceMs = 10_000,
  ) {
    const connectionString = strict(url);
    this.address = addressOf(url);
    this.pool = new Pool({
      connectionString,
      application_name: 'pinterest-ads',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      // The process may end while connections wait for work.
      allowExitOnIdle: true,
    });
    // Without listeners, a connection that is lost would end the process. Whoever uses it hears of it anyway.
    this.pool.on('error', () => undefined);
    this.pool.on('connect', (client) => client.on('error', () => undefined));
  }

  /** Every piece of work leaves the same behind when it is repeated, even if the first commit did arrive. */
  async use<T>(work: (session: Session) => Promise<T>, patienceMs = this.patienceMs): Promise<T> {
    const started = performance.now();
    for (let pauseMs = RETRY_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_RETRY_MS)) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (!passes(error as Error)) throw error;
        const waitedMs = performance.now() - started;
        if (waitedMs >= patienceMs) throw cannotBeUsedNow(this.address, error as Error, waitedMs);
        await sleep(pauseMs);
      }
    }
  }

  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.use((session) =>
      session.transaction(async () => {
        await session.lock(name);
        return work();
      }),
    );
  }

  /** Everybody has it at any time. */
  async giveBack(): Promise<void> {}

  exists(): boolean {
    return true;
  }

  private async attempt<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const client = await this.connect();
    try {
      const result = await work(new PostgresSession(client));
      client.release();
      return result;
    } catch (error) {
      // Whatever state it is in: the next piece of work gets a new one.
      client.release(true);
      throw isRefusal(error as Error) ? cannotBeOpened(this.address, error as Error) : error;
    }
  }

  private async connect(): Promise<PoolClient> {
    try {
      return await this.pool.connect();
    } catch (error) {
      throw passes(error as Error) ? error : cannotBeOpened(this.address, error as Error);
    }
  }
}
