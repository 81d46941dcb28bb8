// What is held of every dataflow, read at one go: opening a DuckDB file anew for each would take longer than reading.
import type { RunStatus } from '../dataflow/flow-run.js';
import type { Held } from '../dataflow/freshness.js';
import { datasetsOf } from '../dataflow/need.js';
import type { Dataset } from '../dataflow/object-types.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { Catalogue } from './catalogue.js';
import { Cells } from './cells.js';
import { Claims } from './claims.js';
import type { DataflowAccount } from './dataflow-account.js';
import { FlowRuns } from './flow-runs.js';
import { mustBeUpToDate } from './migrations.js';
import { onSession, type Database, type Session } from './sql/session.js';
import { MARKS } from './tables.js';

/** What is held of one dataset. */
export interface HeldDataset extends Held {
  dataset: Dataset;
}

/** What the store knows of a dataflow of one ad account, for those who watch. */
export interface Holding {
  account: DataflowAccount;
  /** What is wanted of it: as its last run was started with, if nobody says otherwise. */
  spec: DataflowSpec;
  /** Of each dataset of the spec. */
  held: readonly HeldDataset[];
  /** When the last run of each status ended, epoch ms. */
  lastRuns: ReadonlyMap<RunStatus, number>;
}

/** What is wanted of an ad account by now; undefined if nobody says. */
export type WantedBy = (adAccountId: string) => DataflowSpec | undefined;

/** Hears of a dataflow that cannot be read. */
export type Unreadable = (dataflow: string, error: Error) => void;

/** The dataflows of a store. */
export const dataflows = async (session: Session): Promise<string[]> => {
  const rows = await session.all(
    `SELECT table_schema AS name FROM information_schema.tables
     WHERE table_catalog = current_database() AND table_name IN (${MARKS.map((name) => `'${name}'`).join(', ')})
     GROUP BY table_schema HAVING count(*) = ${MARKS.length} ORDER BY table_schema`,
  );
  return rows.map((row) => (row['name'] as string).replaceAll('_', '-'));
};

const readHeld = async (
  database: Database,
  account: DataflowAccount,
  dataset: Dataset,
): Promise<HeldDataset> => {
  const { objects } = await new Catalogue(database).known(account, dataset.objectType);
  return {
    dataset,
    objects,
    coverage: await new Cells(database).coverage(account, dataset),
  };
};

const readDataflow = async (
  database: Database,
  dataflow: string,
  wantedBy: WantedBy = () => undefined,
): Promise<Holding[]> => {
  const holdings: Holding[] = [];
  for (const { adAccountId, spec: claimed } of await new Claims(database).all(dataflow)) {
    const spec = wantedBy(adAccountId) ?? claimed;
    const account = { dataflow, adAccountId };
    const held: HeldDataset[] = [];
    for (const dataset of datasetsOf(spec)) held.push(await readHeld(database, account, dataset));
    holdings.push({ account, spec, held, lastRuns: await new FlowRuns(database).last(account) });
  }
  return holdings;
};

const readAll = async (session: Session, unreadable: Unreadable): Promise<Holding[]> => {
  const holdings: Holding[] = [];
  for (const dataflow of await dataflows(session)) {
    try {
      await mustBeUpToDate(session, dataflow);
      holdings.push(...(await readDataflow(onSession(session), dataflow)));
    } catch (error) {
      // If the connection is lost, none can be read, and that is what is told.
      await session.one('SELECT 1 AS alive');
      unreadable(dataflow, error as Error);
    }
  }
  return holdings;
};

export class Holdings {
  constructor(private readonly database: Database) {}

  /**
   * All dataflows and ad accounts that were ever claimed; changes nothing.
   * @param patienceMs how long to wait for a store that cannot be used now
   * @param unreadable hears of a dataflow that cannot be read while others can, and is left out
   */
  async read(patienceMs: number, unreadable: Unreadable): Promise<Holding[]> {
    // Those who only watch make no file.
    if (!this.database.exists()) return [];
    return this.database.use((session) => readAll(session, unreadable), patienceMs);
  }

  /** The dataflows of the store. */
  async names(): Promise<string[]> {
    return this.database.exists() ? this.database.use(dataflows) : [];
  }

  /** One dataflow, of all ad accounts that were ever claimed; undefined if there is none of that name. */
  async of(dataflow: string, wantedBy?: WantedBy): Promise<Holding[] | undefined> {
    if (!(await this.names()).includes(dataflow)) return undefined;
    return this.database.use(async (session) => {
      await mustBeUpToDate(session, dataflow);
      return readDataflow(onSession(session), dataflow, wantedBy);
    });
  }
}
