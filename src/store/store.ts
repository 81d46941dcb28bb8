// The store: where rows, catalogue, coverage, claims and flow runs of every dataflow live, one schema per dataflow.
// Each facet has a file of its own, its SQL with it.
import { Catalogue } from './catalogue.js';
import { Cells } from './cells.js';
import { Claims } from './claims.js';
import { Deliveries } from './deliveries.js';
import { Figures } from './figures/figures.js';
import { FlowRuns } from './flow-runs.js';
import { Holdings } from './holdings.js';
import { Partitions } from './partitions.js';
import { Reconciliations } from './reconciliations.js';
import { Refusals } from './refusals.js';
import { ReportTimes } from './report-times.js';
import { Schemas } from './schemas.js';
import type { Database } from './sql/session.js';
import { UnknownIds } from './unknown-ids.js';
import { WantedCells } from './wanted.js';

export { type DataflowAccount, schemaName } from './dataflow-account.js';
export { StoreUnavailable } from './store-unavailable.js';

export interface Store {
  schemas: Schemas;
  claims: Claims;
  catalogue: Catalogue;
  unknownIds: UnknownIds;
  cells: Cells;
  wanted: WantedCells;
  runs: FlowRuns;
  holdings: Holdings;
  partitions: Partitions;
  deliveries: Deliveries;
  refusals: Refusals;
  reportTimes: ReportTimes;
  reconciliations: Reconciliations;
  figures: Figures;
  giveBack: Database['giveBack'];
}

export const storeOn = (database: Database): Store => ({
  schemas: new Schemas(database),
  claims: new Claims(database),
  catalogue: new Catalogue(database),
  unknownIds: new UnknownIds(database),
  cells: new Cells(database),
  wanted: new WantedCells(database),
  runs: new FlowRuns(database),
  holdings: new Holdings(database),
  partitions: new Partitions(database),
  deliveries: new Deliveries(database),
  refusals: new Refusals(database),
  reportTimes: new ReportTimes(database),
  reconciliations: new Reconciliations(database),
  figures: new Figures(database),
  giveBack: () => database.giveBack(),
});
