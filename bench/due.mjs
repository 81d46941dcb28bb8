// How long it takes to find what is due: 1,000,000 rows × 20 metrics in the store, hashed in the database, week by week. And how
// fast rows leave it for a target: all weeks into Parquet files.
//
//   npm run bench:due [-- --rows 1000000 --runs 3 --store duckdb|postgres]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { Client } from 'pg';
import { prepareTables } from '../dist/src/activities/prepare-run.js';
import { parseSpec } from '../dist/src/dataflow/parse-spec.js';
import { openStore } from '../dist/src/store/open-store.js';
import { Postgres } from '../dist/test/support/postgres.js';
import { DAYS, METRICS, median } from './loading/report.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    store: { type: 'string', default: 'both' },
  },
});
const ACCOUNT = { dataflow: 'bench', adAccountId: '549755885175' };

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

const stores = {
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

/** `cpu`: of this process, all threads; PostgreSQL's work is not in it. */
const seconds = async (work) => {
  const [started, before] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (performance.now() - started) / 1_000, cpu: (user + system) / 1e6 };
};

const folder = await mkdtemp(join(tmpdir(), 'bench-due-'));
try {
  for (const [name, make] of Object.entries(stores)) {
    if (options.store !== 'both' && options.store !== name) continue;
    const { url, fill, close } = await make(folder);
    try {
      const store = openStore(url);
      await prepareTables(store, spec);
      await fill(Number(options.rows));
      const times = [];
      const cpus = [];
      let contents;
      for (let run = 0; run < Number(options.runs); run++) {
        const measured = await seconds(() => store.partitions.contents(ACCOUNT));
        times.push(measured.seconds);
        cpus.push(measured.cpu);
        contents = measured.result;
      }
      const rows = contents.reduce((sum, week) => sum + week.rows, 0);
      process.stdout.write(
        `${name}: what is due of ${rows} rows in ${contents.length} weeks: ${median(times).toFixed(2)} s (${times.map((time) => time.toFixed(2)).join(', ')}); ${median(cpus).toFixed(2)} s of processors\n`,
      );
      const tables = await store.partitions.tables(ACCOUNT.dataflow);
      const table = tables.find(({ table: other }) => other === 'ad_analytics');
      const file = join(folder, 'rows.parquet');
      const written = await seconds(async () => {
        for (const { week } of contents) await store.partitions.write(ACCOUNT, table, week, file);
      });
      const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
      process.stdout.write(
        `${name}: all of them into Parquet files, a week at a time: ${written.seconds.toFixed(2)} s; ${megabytes} MiB of memory at most\n`,
      );
    } finally {
      await close();
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
