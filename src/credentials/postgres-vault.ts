// Credentials in PostgreSQL: a table of their own, encrypted, so that neither a dump nor a backup holds a token.
import { authorizeCommand } from '../dataflow/credential-names.js';
import type { Database, Session } from '../store/sql/session.js';
import { StoreUnavailable } from '../store/store-unavailable.js';
import { readKept, writeKept, type Kept } from './kept.js';
import { seal, unseal } from './seal.js';
import { takenFor, Unreadable } from './unreadable.js';
import type { Vault } from './vault.js';

/** No dataflow's schema: its name begins with a sign that no dataflow's does. */
const SCHEMA = '_pinterest_ads';
const TABLE = `${SCHEMA}.credentials`;

const exists = async (session: Session): Promise<boolean> =>
  (await session.one(`SELECT 1 AS found WHERE to_regclass('${TABLE}') IS NOT NULL`)) !== undefined;

/** Only what is absent: a role that was given the schema may not make one. */
const makeTable = async (session: Session): Promise<void> => {
  if (await exists(session)) return;
  await session.lock('credentials');
  const schema = await session.one(`SELECT 1 AS found FROM pg_namespace WHERE nspname = '${SCHEMA}'`);
  if (!schema) await session.run(`CREATE SCHEMA ${SCHEMA}`);
  await session.run(
    `CREATE TABLE IF NOT EXISTS ${TABLE} (name TEXT PRIMARY KEY, sealed TEXT NOT NULL, changed_at TIMESTAMPTZ NOT NULL)`,
  );
};

export class PostgresVault implements Vault {
  /** @param key 32 bytes; without one nothing can be read, or kept */
  constructor(
    private readonly database: Database,
    private readonly key: Buffer | undefined,
  ) {}

  names(): Promise<string[]> {
    return this.database.use(async (session) => {
      if (!(await exists(session))) return [];
      const rows = await session.all(`SELECT name FROM ${TABLE} ORDER BY name`);
      return rows.map((row) => row['name'] as string);
    });
  }

  read(name: string): Promise<Kept | undefined> {
    return this.database.use(async (session) =>
      (await exists(session)) ? this.find(session, name) : undefined,
    );
  }

  /** The lock and the connection are there before anything is asked, and the answer is written by the same. */
  async change<T>(
    name: string,
    work: (kept: Kept | undefined, keep: (kept: Kept) => Promise<void>) => Promise<T>,
    takeFor?: (unreadable: Unreadable) => Kept,
  ): Promise<T> {
    const key = this.neededKey();
    return this.database.use(async (session) => {
      await session.transaction(() => makeTable(session));
      return session.transaction(async () => {
        await session.lock(`credentials/${name}`);
        return work(await takenFor(this.find(session, name), takeFor), async (kept) => {
          await session.run(
            `INSERT INTO ${TABLE} (name, sealed, changed_at) VALUES ($1, $2, now())
             ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, changed_at = excluded.changed_at`,
            [name, seal(key, name, writeKept(kept))],
          );
        });
      });
    });
  }

  private async find(session: Session, name: string): Promise<Kept | undefined> {
    const row = await session.one(`SELECT sealed FROM ${TABLE} WHERE name = $1`, [name]);
    if (!row) return undefined;
    const key = this.neededKey();
    try {
      return readKept(unseal(key, name, row['sealed'] as string));
    } catch {
      throw new Unreadable(
        `The credential ${name} in PostgreSQL cannot be decrypted: CREDENTIALS_KEY is not the one that it was stored with. ` +
          `Set that one, or give consent anew, which replaces it: ${authorizeCommand(name)}`,
      );
    }
  }

  private neededKey(): Buffer {
    if (this.key) return this.key;
    throw new StoreUnavailable(
      'CREDENTIALS_KEY is missing: credentials in PostgreSQL are encrypted with it. Make one with openssl rand -base64 32, ' +
        'and give it to all workers and to authorize.',
      false,
    );
  }
}
