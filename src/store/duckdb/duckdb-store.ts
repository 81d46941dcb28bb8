// The default store: one DuckDB file, held only while something is read or written.
import type { ObjectType } from '../../dataflow/chunk.js';
import type { CoverageRow } from '../../dataflow/coverage.js';
import type { FlowRun } from '../../dataflow/flow-run.js';
import {
  type AdAccountRow,
  type CatalogueItem,
  type CatalogueObject,
  type CatalogueState,
  type ChunkCommit,
  type Claim,
  type CommitResult,
  type Place,
  type Store,
  type TableShape,
} from '../store.js';
import { analyticsTable, FLOW_RUNS, lastingTables, quote, type Table } from '../tables.js';
import * as catalogue from './catalogue.js';
import * as claims from './claims.js';
import { commitChunk } from './commit-chunk.js';
import { readCoverage } from './coverage.js';
import { DuckDBFile, type Session } from './file.js';
import { insert, ms } from './rows.js';

/** An answer that is here already is worth waiting for: fetching it again would cost API calls. */
const COMMIT_LOCK_WAIT_MS = 600_000;

const createTable = async (session: Session, dataflow: string, { name, columns }: Table): Promise<void> => {
  const table = session.table(dataflow, name);
  const definitions = columns.map((column) => `${quote(column.name)} ${column.type}`);
  // No primary keys here: DuckDB's index refuses a key that is deleted and inserted again in one transaction, and
  // the statements that write keep rows single by themselves.
  await session.run(`CREATE TABLE IF NOT EXISTS ${table} (${definitions.join(', ')})`);
  for (const definition of definitions)
    await session.run(`ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${definition}`);
};

export class DuckDBStore implements Store {
  private readonly file: DuckDBFile;

  /** @param lockWaitMs how long to wait for another process that holds the file */
  constructor(path: string, { lockWaitMs = 10_000, memoryLimit = '256MB' } = {}) {
    this.file = new DuckDBFile(path, { lockWaitMs, memoryLimit });
  }

  open(dataflow: string): Promise<void> {
    return this.makeTables(dataflow, lastingTables());
  }

  granularities(dataflow: string): Promise<string[]> {
    return this.file.use(async (session) => {
      const rows = await session.all(
        `SELECT DISTINCT split_part(attribution, '/', -1) AS granularity FROM ${session.table(dataflow, 'coverage')}`,
      );
      return rows.map((row) => row['granularity'] as string);
    });
  }

  prepare(dataflow: string, shapes: readonly TableShape[]): Promise<void> {
    return this.makeTables(dataflow, shapes.map(analyticsTable));
  }

  private makeTables(dataflow: string, tables: readonly Table[]): Promise<void> {
    return this.file.use((session) =>
      session.transaction(async () => {
        await session.run(`CREATE SCHEMA IF NOT EXISTS ${session.schema(dataflow)}`);
        for (const table of tables) await createTable(session, dataflow, table);
      }),
    );
  }

  claims(dataflow: string): Promise<(Claim & { adAccountId: string })[]> {
    return this.file.use((session) => claims.readClaims(session, dataflow));
  }

  claim(place: Place, wanted: Claim, takeOverFrom?: string): Promise<Claim> {
    return this.file.use((session) => claims.claim(session, place, wanted, takeOverFrom));
  }

  release(place: Place, workflowId: string): Promise<void> {
    return this.file.use((session) => claims.release(session, place, workflowId));
  }

  saveAdAccount(place: Place, account: AdAccountRow, loadedAtMs: number): Promise<void> {
    return this.file.use((session) => catalogue.saveAdAccount(session, place, account, loadedAtMs));
  }

  adAccountReadAtMs(place: Place): Promise<number | null> {
    return this.file.use((session) => catalogue.adAccountReadAtMs(session, place));
  }

  catalogueState(place: Place, objectType: ObjectType): Promise<CatalogueState> {
    return this.file.use((session) => catalogue.catalogueState(session, place, objectType));
  }

  saveCataloguePage(
    place: Place,
    objectType: ObjectType,
    items: readonly CatalogueItem[],
    loadedAtMs: number,
    state: CatalogueState | null,
  ): Promise<void> {
    return this.file.use((session) =>
      catalogue.saveCataloguePage(session, place, objectType, items, loadedAtMs, state),
    );
  }

  objects(place: Place, objectType: ObjectType): Promise<CatalogueObject[]> {
    return this.file.use((session) => catalogue.objects(session, place, objectType));
  }

  typesWithUnknownIds(place: Place): Promise<ObjectType[]> {
    return this.file.use((session) => catalogue.typesWithUnknownIds(session, place));
  }

  coverage(place: Place, objectType: ObjectType): Promise<CoverageRow[]> {
    return this.file.use((session) => readCoverage(session, place, objectType));
  }

  commitChunk(commit: ChunkCommit): Promise<CommitResult> {
    return this.file.use((session) => commitChunk(session, commit), COMMIT_LOCK_WAIT_MS);
  }

  saveFlowRun(place: Place, workflowId: string, run: FlowRun): Promise<void> {
    return this.file.use((session) =>
      session.transaction(async () => {
        const table = session.table(place.dataflow, 'flow_runs');
        await session.run(`DELETE FROM ${table} WHERE id = $1`, [run.id]);
        const { startedAtUTC, completedAtUTC } = run.durationSummary;
        await insert(session, table, FLOW_RUNS.columns, [
          [
            run.id,
            workflowId,
            place.adAccountId,
            run.status,
            ms(Date.parse(startedAtUTC)),
            ms(Date.parse(completedAtUTC)),
            JSON.stringify(run),
          ],
        ]);
      }),
    );
  }
}
