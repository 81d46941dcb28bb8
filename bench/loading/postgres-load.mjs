// How long a report takes from HTTP to its commit in PostgreSQL, as a ratio to the floor of the same run: COPY of a ready
// CSV of the same rows into the same table. Each measurement is a process of its own; so are the servers.
//
//   npm run build && node bench/loading/postgres-load.mjs --rows 1000000 [--bad 300] [--runs 3] [--loads 1]
//
// `--loads N` loads the report N times side by side in one process, each time for another ad account.
// `first` loads into an empty table, `again` replaces every row a day later and compares it with the one before.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { prepareTables } from '../../dist/src/activities/prepare-run.js';
import { metricsOf } from '../../dist/src/dataflow/columns.js';
import { needOf } from '../../dist/src/dataflow/need.js';
import { settleReplacement } from '../../dist/src/dataflow/replace.js';
import { parseSpec } from '../../dist/src/dataflow/parse-spec.js';
import { Staging } from '../../dist/src/loading/staging.js';
import { openStore } from '../../dist/src/store/open-store.js';
import { Postgres } from '../../dist/test/support/postgres.js';
import {
  dateOf,
  DAYS,
  download,
  filesIn,
  generate,
  median,
  METRICS,
  readOptions,
  serve,
  since,
  tell,
  withReport,
} from './report.mjs';

const options = readOptions({ loads: '1', store: '' });
const ACCOUNTS = Array.from({ length: Number(options.loads) }, (_, i) => String(549755885175 + i));
const TABLE = 'bench.ad_analytics';
const [FROM, TO] = [dateOf(0), dateOf(DAYS - 1)];
const LOADED_AT = '2026-07-01T12:00:00';

/** A row of the table as a line of CSV. */
const csv = ({ ad, adGroup, campaign, date, metrics }) => {
  const values = new Map(metrics);
  return [
    ACCOUNTS[0],
    campaign,
    adGroup,
    ad,
    date,
    ...METRICS.map((name) => values.get(name) ?? ''),
    LOADED_AT,
  ].join(',');
};

const spec = () =>
  parseSpec(
    {
      name: 'bench',
      connection: { adAccountId: ACCOUNTS[0] },
      source: { objects: [{ type: 'ads', ids: 'all' }], columns: METRICS, backfillDays: 186 },
    },
    { today: TO },
  );

await {
  main,
  generate: () => generate(options.folder, { ...options, lineOf: csv }),
  serve: () => serve(options.folder),
  prepare,
  floor,
  load: () => load(0),
  again: () => load(1),
}[options.role]();

async function main() {
  const { rows, bad, loads } = options;
  const server = await Postgres.start();
  const store = server.url();
  try {
    await withReport(fileURLToPath(import.meta.url), { rows, bad, loads, store }, async (measure) => {
      const [firsts, agains] = [[], []];
      for (let run = 0; run < options.runs; run++) {
        await measure('prepare');
        const floor = await measure('floor');
        await measure('prepare');
        const first = await measure('load');
        const again = await measure('again');
        firsts.push(first.seconds / floor.seconds);
        agains.push(again.seconds / floor.seconds);
        console.log(
          `floor ${floor.seconds.toFixed(2)} s | first ${show(first)}, ratio ${firsts.at(-1).toFixed(2)} | ` +
            `again ${show(again)}, ratio ${agains.at(-1).toFixed(2)}`,
        );
      }
      console.log(`median ratios: first ${median(firsts).toFixed(2)}, again ${median(agains).toFixed(2)}`);
    });
  } finally {
    await server.close();
  }
}

function show({ seconds, stagedSeconds, peakMiB, rows }) {
  return `${seconds.toFixed(2)} s (staged after ${stagedSeconds.toFixed(2)}), ${peakMiB} MiB, ${rows} rows`;
}

/** The empty tables, as the product makes them. */
async function prepare() {
  await query('DROP SCHEMA IF EXISTS bench CASCADE');
  await prepareTables(openStore(options.store), spec());
  await query('CHECKPOINT');
  tell({});
}

async function floor() {
  const client = await connected();
  const started = performance.now();
  const file = createReadStream(filesIn(options.folder).lines);
  await pipeline(file, client.query(copyFrom(`COPY ${TABLE} FROM STDIN (FORMAT csv)`)));
  tell({ seconds: since(started) });
}

async function load(day) {
  const store = openStore(options.store);
  const started = performance.now();
  const loaded = await Promise.all(ACCOUNTS.map((account) => loadReport(store, account, day)));
  const seconds = since(started);
  const stagedSeconds = (Math.max(...loaded.map(({ stagedMs }) => stagedMs)) - started) / 1_000;
  tell({ seconds, stagedSeconds, rows: loaded.reduce((sum, { rows }) => sum + rows, 0) });
}

/** Loads the report as it is asked for on a day of June 2026, the 30th and later. */
async function loadReport(store, adAccountId, day) {
  const askedForMs = Date.UTC(2026, 5, 30 + day, 12);
  const range = { from: FROM, to: TO };
  const chunk = {
    objectType: 'ads',
    method: 'report',
    ids: 'all',
    ...range,
    apiCalls: 3,
    rows: options.rows,
  };
  const { granularity, columns } = spec().source;
  const metrics = metricsOf('ads', columns);
  const staging = await Staging.open(join(options.folder, `work-${adAccountId}`), {
    ...{ objectType: 'ads', granularity, ...range, columns: metrics },
  });
  await staging.add(await download(options.url), 'all');
  const staged = await staging.finish();
  const stagedMs = performance.now();
  const times = { startedAtMs: askedForMs - 1_000, nowMs: askedForMs };
  const need = needOf(spec(), { objectType: 'ads' }, { selection: 'all', objects: null }, [], times);
  // All dates are read again.
  const criteria = { ...need.criteria, restateDays: DAYS };
  const { rows } = await store.cells.commit({
    ...{
      account: { dataflow: 'bench', adAccountId },
      dataset: { objectType: 'ads' },
      granularity,
      restateDays: DAYS,
      metrics,
    },
    ...{ staged, periods: need.periods, chunk: 'a chunk', runId: 'a run' },
    stamp: { askedForMs, columns, attribution: criteria.attribution, granularity, knownIdsAtMs: null },
    settle: (coverage) => settleReplacement(chunk, { ...need, criteria, coverage }, askedForMs, TO),
  });
  await staging.close();
  return { rows, stagedMs };
}

async function connected() {
  const client = new Client({ connectionString: options.store });
  await client.connect();
  return client;
}

async function query(sql) {
  const client = await connected();
  await client.query(sql);
  await client.end();
}
