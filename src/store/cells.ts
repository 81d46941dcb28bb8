// Cells: what the store covers, and chunks of rows that replace them.
import type { CoverageRow } from '../dataflow/coverage.js';
import type { Dataset } from '../dataflow/object-types.js';
import type { DataflowAccount } from './dataflow-account.js';
import { keepUpToDate } from './migrations.js';
import { commitChunk, type ChunkCommit, type CommitResult } from './sql/commit-chunk.js';
import { cellsLock, granularities, readCoverage, readHeld, writeCoverage } from './sql/coverage.js';
import type { Database } from './sql/session.js';

/** An answer that is here already is worth waiting for: fetching it again would cost API calls. */
const COMMIT_PATIENCE_MS = 600_000;

export { type ChunkCommit, type CommitResult, NOTHING_COMMITTED } from './sql/commit-chunk.js';

export class Cells {
  constructor(private readonly database: Database) {}

  coverage(account: DataflowAccount, dataset: Dataset): Promise<CoverageRow[]> {
    return this.database.use((session) => readCoverage(session, account, dataset));
  }

  /** The granularities of the cells that a dataflow holds. */
  granularities(dataflow: string): Promise<string[]> {
    return this.database.use((session) => granularities(session, dataflow));
  }

  /** What a dataflow holds cells of. */
  held(dataflow: string): Promise<{ adAccountId: string; dataset: Dataset }[]> {
    return this.database.use((session) => readHeld(session, dataflow));
  }

  /**
   * Changes what is covered, inside the lock of commits; answers with how many cells that concerns.
   * @param change called with what is covered then
   */
  forget(
    account: DataflowAccount,
    dataset: Dataset,
    change: (coverage: readonly CoverageRow[]) => { coverage: CoverageRow[]; cells: number },
  ): Promise<number> {
    return this.database.use((session) =>
      session.transaction(async () => {
        await session.lock(cellsLock(account, dataset));
        const before = await readCoverage(session, account, dataset);
        const { coverage, cells } = change(before);
        await writeCoverage(session, account, dataset, before, coverage);
        return cells;
      }),
    );
  }

  /** Rows, coverage and rejected rows in one transaction, or nothing. */
  commit(commit: ChunkCommit): Promise<CommitResult> {
    return this.database.use(async (session) => {
      await keepUpToDate(session, commit.account.dataflow);
      return commitChunk(session, commit);
    }, COMMIT_PATIENCE_MS);
  }
}
