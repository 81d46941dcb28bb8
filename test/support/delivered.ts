// What a reader of the Parquet files sees, and what the store holds, brought to one form to be compared cell by cell.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ExperiencePlatform } from '../../simulator/experience-platform/server.js';
import type { DeliverySummary, FlowRun } from '../../src/dataflow/flow-run.js';
import { newDatabase } from './databases.js';
import type { Harness } from './harness.js';
import { query, type Row } from './store-reader.js';

/** What a target is delivered out of: its name, the place that `query` reads, and the environment that says so. */
export const STORES: [string, (harness: Harness) => string, () => Promise<Record<string, string>>][] = [
  ['DuckDB', (harness) => harness.storePath, () => Promise.resolve({})],
  [
    'PostgreSQL',
    (harness) => harness.environment['STORE_URL']!,
    async () => ({ STORE_URL: await newDatabase() }),
  ],
];

/** Of a run with one target. */
export const deliveryOf = ({ deliveries }: FlowRun): DeliverySummary => deliveries![0]!;

const line = (row: Row, columns: readonly string[]): string =>
  columns.map((column) => String(row[column] ?? '')).join('|');

const select = (columns: readonly string[]): string =>
  columns.map((name) => (name === 'date' ? 'date::TEXT AS date' : `"${name}"`)).join(', ');

/** A table as DuckDB reads it by name from all of its files; nothing where there is none. */
export const readParquet = async (root: string, table: string, sql: string): Promise<Row[]> => {
  if (!existsSync(join(root, table))) return [];
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const files = `read_parquet('${root}/${table}/**/*.parquet', hive_partitioning = true,
      hive_types = {'ad_account_id': VARCHAR, 'week': DATE}, union_by_name = true)`;
    return (await connection.runAndReadAll(sql.replace('FILES', files))).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
};

export const deliveredLines = async (
  root: string,
  table: string,
  columns: readonly string[],
): Promise<string[]> =>
  (await readParquet(root, table, `SELECT ${select(columns)} FROM FILES`))
    .map((row) => line(row, columns))
    .sort();

/** @param store as `query` takes it */
export const storeLines = async (
  store: string,
  schema: string,
  table: string,
  columns: readonly string[],
): Promise<string[]> =>
  (await query(store, `SELECT ${select(columns)} FROM ${schema}.${table}`))
    .map((row) => line(row, columns))
    .sort();

/** A table's columns in the store, but for when its rows were asked for. */
export const columnsOf = async (store: string, schema: string, table: string): Promise<string[]> => {
  const rows = await query(
    store,
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = '${schema}' AND table_name = '${table}' ORDER BY ordinal_position`,
  );
  return rows.map(({ name }) => String(name)).filter((name) => name !== '_loaded_at');
};

/** What the worker's environment needs for deliveries into a simulated platform. */
export const environmentOf = ({ url, settings }: ExperiencePlatform): Record<string, string> => ({
  EXPERIENCE_PLATFORM_CLIENT_ID: settings.clientId,
  EXPERIENCE_PLATFORM_CLIENT_SECRET: settings.clientSecret,
  EXPERIENCE_PLATFORM_ORG: settings.organization,
  EXPERIENCE_PLATFORM_SCOPES: 'openid,AdobeID,read_organizations',
  EXPERIENCE_PLATFORM_URL: url,
  EXPERIENCE_PLATFORM_IMS_URL: url,
});

/** The table that a row of the data lake is of: the finest id that it carries says so. */
const tableOf = (row: Row): string =>
  row['ad_id'] ? 'ad_analytics' : row['ad_group_id'] ? 'ad_group_analytics' : 'campaign_analytics';

/** What a reader of the data lake sees of a table, without the fields that every event has. */
export const lakeLines = async (
  { lake, settings }: ExperiencePlatform,
  dataset: string,
  table: string,
  columns: readonly string[],
): Promise<string[]> => {
  const lines: string[] = [];
  for await (const row of lake.rows('prod', dataset)) {
    const own = row[`_${settings.tenantId}`] as Row;
    if (tableOf(own) === table) lines.push(line(own, columns));
  }
  return lines.sort();
};
