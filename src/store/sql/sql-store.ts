// The store on any database that speaks SQL: each call a piece of work with a session of its own.
import type { ObjectType } from '../../dataflow/chunk.js';
import type { CoverageRow } from '../../dataflow/coverage.js';
import type { FlowRun } from '../../dataflow/flow-run.js';
import type {
  AdAccountRow,
  CatalogueItem,
  CatalogueObject,
  CatalogueState,
  ChunkCommit,
  Claim,
  CommitResult,
  Holding,
  DataflowAccount,
  Store,
  TableShape,
  Unreadable,
} from '../store.js';
import { analyticsTable, lastingTables } from '../tables.js';
import * as catalogue from './catalogue.js';
import * as claims from './claims.js';
import { commitChunk } from './commit-chunk.js';
import { granularities, readCoverage } from './coverage.js';
import { saveFlowRun } from './flow-runs.js';
import { readHoldings } from './holdings.js';
import { makeTables } from './make-tables.js';
import type { Database } from './session.js';

/** An answer that is here already is worth waiting for: fetching it again would cost API calls. */
const COMMIT_PATIENCE_MS = 600_000;

export class SqlStore implements Store {
  constructor(private readonly database: Database) {}

  open(dataflow: string): Promise<void> {
    return this.database.use((session) => makeTables(session, dataflow, lastingTables()));
  }

  granularities(dataflow: string): Promise<string[]> {
    return this.database.use((session) => granularities(session, dataflow));
  }

  prepare(dataflow: string, shapes: readonly TableShape[]): Promise<void> {
    return this.database.use((session) => makeTables(session, dataflow, shapes.map(analyticsTable)));
  }

  claims(dataflow: string): Promise<(Claim & { adAccountId: string })[]> {
    return this.database.use((session) => claims.readClaims(session, dataflow));
  }

  claim(place: DataflowAccount, wanted: Claim, takeOverFrom?: string): Promise<Claim> {
    return this.database.use((session) => claims.claim(session, place, wanted, takeOverFrom));
  }

  release(place: DataflowAccount, workflowId: string): Promise<void> {
    return this.database.use((session) => claims.release(session, place, workflowId));
  }

  saveAdAccount(place: DataflowAccount, account: AdAccountRow, loadedAtMs: number): Promise<void> {
    return this.database.use((session) => catalogue.saveAdAccount(session, place, account, loadedAtMs));
  }

  adAccountReadAtMs(place: DataflowAccount): Promise<number | null> {
    return this.database.use((session) => catalogue.adAccountReadAtMs(session, place));
  }

  catalogueState(place: DataflowAccount, objectType: ObjectType): Promise<CatalogueState> {
    return this.database.use((session) => catalogue.catalogueState(session, place, objectType));
  }

  saveCataloguePage(
    place: DataflowAccount,
    objectType: ObjectType,
    items: readonly CatalogueItem[],
    loadedAtMs: number,
    state: CatalogueState | null,
  ): Promise<void> {
    return this.database.use((session) =>
      catalogue.saveCataloguePage(session, place, objectType, items, loadedAtMs, state),
    );
  }

  objects(place: DataflowAccount, objectType: ObjectType): Promise<CatalogueObject[]> {
    return this.database.use((session) => catalogue.objects(session, place, objectType));
  }

  typesWithUnknownIds(place: DataflowAccount): Promise<ObjectType[]> {
    return this.database.use((session) => catalogue.typesWithUnknownIds(session, place));
  }

  coverage(place: DataflowAccount, objectType: ObjectType): Promise<CoverageRow[]> {
    return this.database.use((session) => readCoverage(session, place, objectType));
  }

  commitChunk(commit: ChunkCommit): Promise<CommitResult> {
    return this.database.use((session) => commitChunk(session, commit), COMMIT_PATIENCE_MS);
  }

  saveFlowRun(place: DataflowAccount, workflowId: string, run: FlowRun): Promise<void> {
    return this.database.use((session) => saveFlowRun(session, place, workflowId, run));
  }

  holdings(patienceMs: number, unreadable: Unreadable): Promise<Holding[]> {
    return this.database.use((session) => readHoldings(session, unreadable), patienceMs);
  }
}
