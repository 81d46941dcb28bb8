// A store filled for the benchmarks of deliveries: as many rows × 20 metrics of ads, by date as chunks bring them.
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { prepareTables } from '../dist/src/activities/prepare-run.js';
import { parseSpec } from '../dist/src/dataflow/parse-spec.js';
import { openStore } from '../dist/src/store/open-store.js';
import { Postgres } from '../dist/test/support/postgres.js';
import { DAYS, METRICS } from './loading/report.mjs';

export const ACCOUNT = { dataflow: 'bench', adAccountId: '549755885175' };

const spec = parseSpec(
  {
    name: ACCOUNT.dataflow,
    connection: { adAccountId: ACCOUNT.adAccountId },
    source: { objects: [{ type: 'ads', ids: 'all' }], columns: METRICS },
  },
  { today: '2026-07-15' },
);

/** By date, as chunks bring them. A tenth of the values absent, most of them whole, some fractions. */
const insert = (rows, series) => {
  const value = (i) =>
    `CASE WHEN random() < 0.1 THEN NULL ELSE ${i < 16 ? `floor(random() * ${10 ** (3 + (i % 6))})` : 'random()'} END`;
  const names = METRICS.map((name) => name.toLowerCase());
  return `INSERT INTO bench.ad_analytics (ad_account_id, campaign_id, ad_group_id, ad_id, date, ${names.join(', ')}, _loaded_at)
    SELECT '${ACCOUNT.adAccountId}', CAST(626735565838 + i / 60000 AS TEXT), CAST(268005950000 + i / 1440 AS TEXT), CAST(687195134000 + i % ${Math.ceil(rows / DAYS)} AS TEXT),
      DATE '2026-01-01' + CAST(floor(i / ${Math.ceil(rows / DAYS)}.0) AS INTEGER), ${METRICS.map((_, i) => value(i)).join(', ')}, TIMESTAMP '2026-07-01 12:00:00'
    FROM ${series(rows)}`;
};

export const stores = {
  duckdb: async (folder) => {
    const path = join(folder, 'store.duckdb');
    const fill = async (sql) => {
      const instance = await DuckDBInstance.create(path);
      await (await instance.connect()).run(sql);
      instance.closeSync();
    };
    return {
      url: `duckdb:${path}`,
      fill: (rows) => fill(insert(rows, (count) => `range(${count}) AS numbers(i)`)),
      close: () => undefined,
    };
  },
  postgres: async () => {
    const server = await Postgres.start();
    const fill = async (sql) => {
      const client = new Client(server.url());
      await client.connect();
      await client.query(sql);
      await client.query('VACUUM ANALYZE bench.ad_analytics');
      await client.end();
    };
    return {
      url: server.url(),
      fill: (rows) => fill(insert(rows, (count) => `generate_series(0::bigint, ${count - 1}) AS numbers(i)`)),
      close: () => server.close(),
    };
  },
};

/** Tables as a run makes them, with rows. */
export const filled = async ({ url, fill }, rows) => {
  const store = openStore(url);
  await prepareTables(store, spec);
  await fill(rows);
  return store;
};
