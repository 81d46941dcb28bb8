// What a report says of a dataflow: sums and counts alone, added up by the database, each list with a bound. One state of the store.
import type { Database } from '../sql/session.js';
import { mustBeUpToDate } from '../migrations.js';
import { readAccounts, type Accounts } from './accounts.js';
import { readBreakdowns, type Breakdown } from './breakdowns.js';
import { readFreshness, type DatasetFreshness } from './freshness.js';
import { readNumbers, type Numbers } from './numbers.js';
import { readObjects, type Objects } from './objects.js';
import { mustBeReadable } from './readable.js';
import { readReconciled, type Reconciled } from './reconciled.js';
import { readRejected, type Rejected } from './rejected.js';
import { readRuns, type Runs } from './runs.js';
import { readCurrencies, type DataflowSchema } from './schema.js';
import { MARKS } from '../tables.js';

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

const read = async (schema: DataflowSchema): Promise<DataflowFigures> => {
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
   * @throws StoreUnavailable also if its schema has another version, or may not be read whole
   */
  async of(dataflow: string): Promise<DataflowFigures | undefined> {
    if (!this.database.exists()) return undefined;
    return this.database.use((session) =>
      session.snapshot(async () => {
        const contents = await session.contents(dataflow);
        if (!MARKS.every((name) => contents.includes(name))) return undefined;
        const columns = await session.columns(dataflow, contents);
        mustBeReadable(dataflow, contents, columns);
        await mustBeUpToDate(session, dataflow);
        return read({ session, dataflow, columns });
      }),
    );
  }
}
