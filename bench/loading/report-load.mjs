// How long a report takes from HTTP to a table, as a ratio to the floor of the same run: a ready NDJSON of the same rows,
// read typed into a table of a DuckDB file. Each measurement is a process of its own; so is the server.
//
//   npm run build && node bench/loading/report-load.mjs --rows 1000000 [--bad 300] [--runs 3] [--dist dist]
//
// On a machine that does other work as well, the ratio of CPU time is the one to look at.
// `--bad N` spoils N rows of the report, evenly spread. The floor's file has sound rows only: it could not be read otherwise.
import { DuckDBInstance } from '@duckdb/node-api';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  cpuSince,
  dateOf,
  DAYS,
  download,
  filesIn,
  generate,
  jsonOf,
  median,
  METRICS,
  peakMiB,
  readOptions,
  serve,
  since,
  tell,
  withReport,
} from './report.mjs';

const options = readOptions({ dist: fileURLToPath(new URL('../../dist', import.meta.url)) });
const TABLE = `CREATE TABLE t (ad_id VARCHAR, campaign_id VARCHAR, ad_group_id VARCHAR, date DATE,
  ${METRICS.map((name) => `${name.toLowerCase()} DOUBLE`).join(', ')})`;

await {
  main,
  generate: () => generate(options.folder, { ...options, lineOf: jsonOf }),
  serve: () => serve(options.folder),
  floor,
  load,
}[options.role]();

async function main() {
  const { rows, bad, dist } = options;
  await withReport(fileURLToPath(import.meta.url), { rows, bad, dist }, async (measure) => {
    const ratios = [];
    const cpuRatios = [];
    for (let run = 0; run < options.runs; run++) {
      const floor = await measure('floor');
      const load = await measure('load');
      ratios.push(load.seconds / floor.seconds);
      cpuRatios.push(load.cpuSeconds / floor.cpuSeconds);
      const parts = load.parts.map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ');
      console.log(
        `floor ${floor.seconds.toFixed(2)} s, ${floor.peakMiB} MiB | load ${load.seconds.toFixed(2)} s (${parts}), ` +
          `${load.peakMiB} MiB (${load.stagingPeakMiB} before the insert) | ratio ${ratios.at(-1).toFixed(2)}, of CPU time ${cpuRatios.at(-1).toFixed(2)} | ${load.rows} rows, ${load.rejectedRows} rejected`,
      );
    }
    console.log(`median ratio ${median(ratios).toFixed(2)}, of CPU time ${median(cpuRatios).toFixed(2)}`);
  });
}

async function floor() {
  const store = await openStore();
  const types = [
    ...['AD_ID', 'CAMPAIGN_ID', 'AD_GROUP_ID'].map((name) => `${name}: 'VARCHAR'`),
    `DATE: 'DATE'`,
    ...METRICS.map((name) => `${name}: 'DOUBLE'`),
  ];
  const started = performance.now();
  const cpu = process.cpuUsage();
  await store.connection.run(
    `INSERT INTO t SELECT * FROM read_json('${filesIn(options.folder).lines}', format = 'newline_delimited', columns = {${types.join(', ')}})`,
  );
  store.close();
  tell({ seconds: since(started), cpuSeconds: cpuSince(cpu) });
}

async function load() {
  const { Staging } = await import(pathToFileURL(join(resolve(options.dist), 'src/loading/staging.js')).href);
  const span = { from: dateOf(0), to: dateOf(DAYS - 1) };
  const started = performance.now();
  const cpu = process.cpuUsage();
  const staging = await Staging.open(join(options.folder, 'work'), {
    ...{ objectType: 'ads', granularity: 'DAY', ...span },
    columns: METRICS.map((name) => ({ name, kind: 'number' })),
  });
  await staging.add(await download(options.url), 'all');
  const added = performance.now();
  const { rowFiles, rows, rejectedRows } = await staging.finish();
  const finished = performance.now();
  const stagingPeakMiB = peakMiB();
  const store = await openStore();
  const columns = METRICS.map((name) => name.toLowerCase());
  await store.connection.run('BEGIN');
  await store.connection.run(
    `INSERT INTO t SELECT object_id, campaign_id, ad_group_id, date, ${columns.join(', ')}
     FROM read_parquet([${rowFiles.map((file) => `'${file}'`).join(', ')}])`,
  );
  await store.connection.run('COMMIT');
  store.close();
  const parts = [
    ['add', (added - started) / 1_000],
    ['finish', (finished - added) / 1_000],
    ['insert', since(finished)],
  ];
  const seconds = since(started);
  const cpuSeconds = cpuSince(cpu);
  await staging.close();
  tell({ parts, rows, rejectedRows, seconds, cpuSeconds, stagingPeakMiB });
}

/** A fresh DuckDB file, set as a loading store would be. */
async function openStore() {
  const file = join(options.folder, `${options.role}.duckdb`);
  await rm(file, { force: true });
  const settings = { threads: '2', memory_limit: '512MB', preserve_insertion_order: 'false' };
  const instance = await DuckDBInstance.create(file, settings);
  const connection = await instance.connect();
  await connection.run(TABLE);
  const close = () => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, close };
}
