// The tables of a dataflow's schema: their names, columns and types, for every database.
import { quote } from '../engine/sql-text.js';
import { meaningOf } from '../dataflow/column-meanings.js';
import { keyColumns, storeName, type MetricColumn } from '../dataflow/columns.js';
import { factsOf, OBJECT_TYPES, tableOf, type Dataset, type ListedType } from '../dataflow/object-types.js';

export interface Column {
  name: string;
  /** Understood by DuckDB and PostgreSQL alike. */
  type: 'TEXT' | 'DATE' | 'SMALLINT' | 'BIGINT' | 'DOUBLE PRECISION' | 'TIMESTAMP' | 'BOOLEAN';
  /** Part of the primary key, if the table has one. */
  key?: true;
  /** What it means, for a person who looks at the table. */
  comment?: string;
}

export interface Table {
  name: string;
  columns: readonly Column[];
  /** The columns that rows are looked up by: an index, in a database that uses one for that. */
  lookup?: readonly string[];
}

/** `"id" TEXT, "date" DATE`: columns as CREATE TABLE takes them. */
export const columnDefinitions = (columns: readonly Column[]): string =>
  columns.map(({ name, type }) => `${quote(name)} ${type}`).join(', ');

/** What an analytics table has to hold. */
export interface TableShape {
  dataset: Dataset;
  metrics: readonly MetricColumn[];
  hourly: boolean;
}

const text = (name: string): Column => ({ name, type: 'TEXT' });
const key = (column: Column): Column => ({ ...column, key: true });
const time = (name: string): Column => ({ name, type: 'TIMESTAMP' });
const whole = (name: string): Column => ({ name, type: 'BIGINT' });

const explained = (columns: readonly Column[]): Column[] =>
  columns.map((column) => ({ ...column, comment: meaningOf(column.name) }));

/** It has no primary key: a commit replaces whole cells, so no row is there twice, and a key would slow loading down. */
export const analyticsTable = ({ dataset, metrics, hourly }: TableShape): Table => ({
  name: tableOf(dataset),
  columns: explained([
    ...keyColumns(dataset.objectType).map((column) => text(storeName(column))),
    ...(dataset.breakdown === undefined ? [] : [text('targeting_type'), text('targeting_value')]),
    { name: 'date', type: 'DATE' },
    ...(hourly ? [{ name: 'hour', type: 'SMALLINT' } as const] : []),
    ...metrics.map(({ name, kind }): Column => ({
      name: storeName(name),
      type: kind === 'number' ? 'DOUBLE PRECISION' : 'TEXT',
    })),
    time('_loaded_at'),
  ]),
  // The cells to be replaced are found by it. With the id in it, it would be six times as large and no faster.
  lookup: ['ad_account_id', 'date'],
});

export const catalogueTable = (objectType: ListedType): Table => ({
  name: objectType,
  columns: [
    key(text('ad_account_id')),
    key(text('id')),
    text('name'),
    text('status'),
    text('summary_status'),
    ...factsOf(objectType).catalogueFields.map(({ name, kind }) => (kind === 'number' ? whole : text)(name)),
    whole('created_time'),
    whole('updated_time'),
    time('_first_seen_at'),
    time('_loaded_at'),
  ],
});

export const AD_ACCOUNTS: Table = {
  name: 'ad_accounts',
  columns: [
    key(text('id')),
    text('name'),
    text('currency'),
    text('country'),
    text('permissions'),
    time('_loaded_at'),
  ],
};

export const CATALOGUE_READS: Table = {
  name: 'catalogue_reads',
  columns: [
    key(text('ad_account_id')),
    key(text('object_type')),
    text('bookmark'),
    { name: 'reading', type: 'BOOLEAN' },
    time('completed_at'),
    text('seen'),
    text('problems'),
  ],
};

export const UNKNOWN_IDS: Table = {
  name: 'unknown_ids',
  columns: [key(text('ad_account_id')), key(text('object_type')), key(text('id'))],
};

export const COVERAGE: Table = {
  name: 'coverage',
  columns: [
    text('ad_account_id'),
    text('object_type'),
    text('breakdown'),
    text('scope'),
    { name: 'from', type: 'DATE' },
    { name: 'to', type: 'DATE' },
    time('asked_for'),
    text('columns'),
    text('attribution'),
    text('granularity'),
    { name: 'complete', type: 'BOOLEAN' },
    time('known_ids_at'),
    // If the row's cells were asked for one after the other: each at least so many days after its last day.
    { name: 'asked_after_days', type: 'SMALLINT' },
  ],
};

/** What the dataflow wants of each of its tables, as its last plan had it; `ids` is absent for all objects of the catalogue. */
export const WANTED: Table = {
  name: 'wanted',
  columns: [
    text('ad_account_id'),
    text('object_type'),
    text('breakdown'),
    text('table_name'),
    text('ids'),
    text('granularity'),
    whole('backfill_days'),
    whole('restate_days'),
    text('columns'),
    text('attribution'),
  ],
};

export const REJECTED_ROWS: Table = {
  name: 'rejected_rows',
  columns: [
    text('ad_account_id'),
    text('object_type'),
    text('breakdown'),
    text('object_id'),
    { name: 'date', type: 'DATE' },
    text('raw'),
    text('reason'),
    text('chunk'),
    text('run_id'),
    time('rejected_at'),
    // The target that did not take the row: then `object_id` and `date` are absent. Absent if the store did not take it.
    text('target'),
  ],
};

/** The ledger of deliveries: what each target was given last, and what is under way. One row a partition and target. */
export const DELIVERIES: Table = {
  name: 'deliveries',
  columns: [
    key(text('target')),
    key(text('table_name')),
    key(text('ad_account_id')),
    key({ name: 'week', type: 'DATE' }),
    text('hash'),
    text('delivery_id'),
    whole('rows'),
    whole('failed_rows'),
    time('delivered_at'),
    text('pending_hash'),
    text('pending_id'),
    time('pending_since'),
    text('run_id'),
  ],
};

export const FLOW_RUNS: Table = {
  name: 'flow_runs',
  columns: [
    key(text('id')),
    text('workflow_id'),
    text('ad_account_id'),
    text('status'),
    time('started'),
    time('completed'),
    text('record'),
  ],
};

/** What was found where the store was compared with Pinterest's totals. */
export const RECONCILIATIONS: Table = {
  name: 'reconciliations',
  columns: [
    key(text('id')),
    text('workflow_id'),
    text('ad_account_id'),
    text('status'),
    time('started'),
    time('completed'),
    { name: 'window_from', type: 'DATE' },
    { name: 'window_to', type: 'DATE' },
    whole('api_calls'),
    text('result'),
  ],
};

export const CLAIMS: Table = {
  name: 'claims',
  columns: [
    key(text('ad_account_id')),
    text('namespace'),
    text('workflow_id'),
    text('run_id'),
    time('claimed_at'),
    { name: 'open', type: 'BOOLEAN' },
    text('spec'),
  ],
};

export const REFUSALS: Table = {
  name: 'refusals',
  columns: [
    text('ad_account_id'),
    text('method'),
    text('what'),
    text('value'),
    text('said'),
    time('learned_at'),
  ],
};

/** How long the last reports of each kind took. */
export const REPORT_TIMES: Table = {
  name: 'report_times',
  columns: [text('dataset'), text('granularity'), whole('took_ms'), time('asked_for')],
};

/** The views that this program has made, by schema and name, with the hash of their definition. */
export const VIEWS_MADE: Table = {
  name: 'views_made',
  columns: [key(text('view')), text('hash')],
};

/** One row: which version of `migrations.ts` the schema has. */
export const SCHEMA_VERSION: Table = {
  name: 'schema_version',
  columns: [whole('version'), time('migrated_at')],
};

const SHARED = [
  SCHEMA_VERSION,
  VIEWS_MADE,
  AD_ACCOUNTS,
  CATALOGUE_READS,
  UNKNOWN_IDS,
  COVERAGE,
  WANTED,
  REJECTED_ROWS,
  DELIVERIES,
  FLOW_RUNS,
  RECONCILIATIONS,
  CLAIMS,
  REFUSALS,
  REPORT_TIMES,
];

/** By these, which every version made, a schema is known as a dataflow's; another program's may have one of them. */
export const MARKS: readonly string[] = [CLAIMS, COVERAGE, CATALOGUE_READS, FLOW_RUNS].map(
  ({ name }) => name,
);

/** The tables that every dataflow has in the same form. */
export const lastingTables = (): Table[] => [...OBJECT_TYPES.map(catalogueTable), ...SHARED];
