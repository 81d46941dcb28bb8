// What a report says of a dataflow: sums and counts alone, added up by the database, each list with a bound. One state of the store.
import type { Database, Session } from '../sql/session.js';
import { columnsHeld } from '../sql/make-tables.js';
import { dataflows } from '../holdings.js';
import { mustBeUpToDate } from '../migrations.js';
import { readAccounts, type Accounts } from './accounts.js';
import { readBreakdowns, type Breakdown } from './breakdowns.js';
import { readFreshness, type DatasetFreshness } from './freshness.js';
import { readNumbers, type Numbers } from './numbers.js';
import { readObjects, type Objects } from './objects.js';
import { readReconciled, type Reconciled } from './reconciled.js';
import { readRejected, type Rejected } from './rejected.js';
import { readRuns, type Runs } from './runs.js';
import { readCurrencies } from './schema.js';

export interface DataflowFigures {
  accounts: Accounts;
  /** Of each dataset that is wanted; nothing before the first plan. */
  freshness: DatasetFreshness[];
  /** Of the highest object type that is read; null if no number is. */
  numbers: Numbers | null;
  /** The objects with the largest numbers; null if only ad accounts are read. */
  objects: Objects | null;
  breakdowns: Breakdown[];
  reconciled: Reconciled;
  runs: Runs;
  rejected: Rejected;
}

const read = async (session: Session, dataflow: string): Promise<DataflowFigures> => {
  const columns = await columnsHeld(session, dataflow);
  const schema = { session, dataflow, columns };
  const accounts = await readAccounts(schema);
  const freshness = await readFreshness(schema);
  const currencies = await readCurrencies(schema);
  return {
    accounts,
    freshness,
    numbers: await readNumbers(schema, freshness, currencies),
    objects: await readObjects(schema, freshness, currencies.length),
    breakdowns: await readBreakdowns(schema, freshness, currencies.length),
    reconciled: await readReconciled(schema),
    runs: await readRuns(schema),
    rejected: await readRejected(schema),
  };
};

export class Figures {
  constructor(private readonly database: Database) {}

  /**
   * Undefined if the store has no dataflow of that name.
   * @throws StoreUnavailable also if its schema has another version
   */
  async of(dataflow: string): Promise<DataflowFigures | undefined> {
    if (!this.database.exists()) return undefined;
    return this.database.use((session) =>
      session.snapshot(async () => {
        if (!(await dataflows(session)).includes(dataflow)) return undefined;
        await mustBeUpToDate(session, dataflow);
        return read(session, dataflow);
      }),
    );
  }
}
