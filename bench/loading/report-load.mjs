/**
 * How long a report takes from HTTP to a table, as a ratio to the floor of the same run: a ready NDJSON of the same rows,
 * read typed into a table of a DuckDB file. Each measurement is a process of its own; so is the server.
 *
 *   npm run build && node bench/loading/report-load.mjs --rows 1000000 [--bad 300] [--runs 3] [--dist dist]
 *
 * `--bad N` spoils N rows of the report, evenly spread. The floor's file has sound rows only: it could not be read otherwise.
 */
import { DuckDBInstance } from '@duckdb/node-api';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    bad: { type: 'string', default: '0' },
    runs: { type: 'string', default: '3' },
    dist: { type: 'string', default: fileURLToPath(new URL('../../dist', import.meta.url)) },
    role: { type: 'string', default: 'main' },
    folder: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
  },
});
const [ROWS, BAD, RUNS] = [Number(options.rows), Number(options.bad), Number(options.runs)];
const DAYS = 180;
const METRICS = [
  ...['SPEND_IN_MICRO_DOLLAR', 'CPC_IN_MICRO_DOLLAR', 'CPM_IN_MICRO_DOLLAR', 'ECPC_IN_MICRO_DOLLAR'],
  ...['IMPRESSION_1', 'IMPRESSION_2', 'CLICKTHROUGH_1', 'CLICKTHROUGH_2', 'OUTBOUND_CLICK_1', 'REPIN_1'],
  ...['ENGAGEMENT_1', 'VIDEO_MRC_VIEWS_1', 'TOTAL_IMPRESSION_USER', 'TOTAL_PAGE_VISIT', 'TOTAL_CONVERSIONS'],
  ...['TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR', 'CTR', 'ECTR', 'CHECKOUT_ROAS', 'TOTAL_IMPRESSION_FREQUENCY'],
];
const TABLE = `CREATE TABLE t (ad_id VARCHAR, campaign_id VARCHAR, ad_group_id VARCHAR, date DATE,
  ${METRICS.map((name) => `${name.toLowerCase()} DOUBLE`).join(', ')})`;
const [FLOOR_FILE, REPORT_FILE] = ['rows.ndjson', 'report.json'].map((name) => join(options.folder, name));

await { main, generate, serve, floor, load }[options.role]();

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'report-load-'));
  const start = (role, url = '') => fork(fileURLToPath(import.meta.url), argumentsOf(role, folder, url));
  let server;
  try {
    await once(start('generate'), 'exit');
    const megabytes = (await stat(join(folder, 'report.json'))).size / 1e6;
    console.log(`${ROWS} rows × ${METRICS.length} metrics, ${BAD} bad, ${megabytes.toFixed(0)} MB`);
    server = start('serve');
    const [url] = await once(server, 'message');
    const ratios = [];
    for (let run = 0; run < RUNS; run++) {
      const measured = {};
      for (const role of ['floor', 'load']) [measured[role]] = await once(start(role, url), 'message');
      const { floor, load } = measured;
      ratios.push(load.seconds / floor.seconds);
      const parts = load.parts.map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ');
      console.log(
        `floor ${floor.seconds.toFixed(2)} s, ${floor.peakMiB} MiB | load ${load.seconds.toFixed(2)} s (${parts}), ` +
          `${load.peakMiB} MiB (${load.stagingPeakMiB} before the insert) | ratio ${ratios.at(-1).toFixed(2)} | ${load.rows} rows, ${load.rejectedRows} rejected`,
      );
    }
    console.log(`median ratio ${ratios.sort((a, b) => a - b)[RUNS >> 1].toFixed(2)}`);
  } finally {
    server?.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

function argumentsOf(role, folder, url) {
  const { rows, bad, dist } = options;
  const given = { role, folder, url, rows, bad, dist };
  return Object.entries(given).map(([name, value]) => `--${name}=${value}`);
}

/** Writes the same rows as a report and, line by line, as the floor's file. */
async function generate() {
  const [floorFile, report] = [createWriteStream(FLOOR_FILE), createWriteStream(REPORT_FILE)];
  const write = async (stream, text) => void (stream.write(text) || (await once(stream, 'drain')));
  const dates = Array.from({ length: DAYS }, (_, day) => dateOf(day));
  const badEvery = BAD > 0 ? Math.floor(ROWS / BAD) : Infinity;
  let [lines, objects] = [[], []];
  for (let row = 0; row < ROWS; row++) {
    const [ad, day] = [Math.floor(row / DAYS), row % DAYS];
    const id = `687195134${String(ad).padStart(9, '0')}`;
    const group = `26800595${String(ad >> 3).padStart(6, '0')}`;
    const ids = `{"AD_ID":${id},"AD_GROUP_ID":"${group}","CAMPAIGN_ID":${626735565838 + (ad >> 6)},"DATE":"${dates[day]}"`;
    const metrics = METRICS.flatMap((name, index) => {
      if (Math.random() < 0.1) return [];
      const value = index < 16 ? Math.floor(Math.random() * 10 ** (3 + (index % 6))) : Math.random();
      return [`"${name}":${value}`];
    });
    const line = `${[ids, ...metrics].join(',')}}`;
    const bad = row % badEvery === badEvery - 1;
    objects.push(
      (day > 0 ? ',' : `${ad > 0 ? '],' : '{'}"${id}":[`) +
        (bad ? spoil(line, Math.floor(row / badEvery)) : line),
    );
    lines.push(`${line}\n`);
    if (lines.length < 2_000) continue;
    await write(floorFile, lines.join(''));
    await write(report, objects.join(''));
    [lines, objects] = [[], []];
  }
  floorFile.end(lines.join(''));
  report.end(`${objects.join('')}]}`);
  await Promise.all([once(floorFile, 'finish'), once(report, 'finish')]);
}

function dateOf(day) {
  return new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
}

function spoil(line, number) {
  return number % 2 === 0
    ? line.replace(/}$/, `,"SPEND_IN_MICRO_DOLLAR":"N/A"}`).replace(/"SPEND_IN_MICRO_DOLLAR":\d+,/, '')
    : line.replace(/"DATE":"[^"]*"/, '"DATE":"2026-02-30"');
}

async function serve() {
  const server = http.createServer((_request, response) => createReadStream(REPORT_FILE).pipe(response));
  server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}/`));
}

async function floor() {
  const store = await openStore();
  const types = [
    ...['AD_ID', 'CAMPAIGN_ID', 'AD_GROUP_ID'].map((name) => `${name}: 'VARCHAR'`),
    `DATE: 'DATE'`,
    ...METRICS.map((name) => `${name}: 'DOUBLE'`),
  ];
  const started = performance.now();
  await store.connection.run(
    `INSERT INTO t SELECT * FROM read_json('${FLOOR_FILE}', format = 'newline_delimited', columns = {${types.join(', ')}})`,
  );
  store.close();
  report(started, []);
}

async function load() {
  const { Staging } = await import(pathToFileURL(join(resolve(options.dist), 'src/loading/staging.js')).href);
  const span = { from: dateOf(0), to: dateOf(DAYS - 1) };
  const started = performance.now();
  const staging = await Staging.open(join(options.folder, 'work'), {
    ...{ objectType: 'ads', granularity: 'DAY', ...span, ranges: [span], ids: 'all' },
    columns: METRICS.map((name) => ({ name, kind: 'number' })),
  });
  const [answer] = await once(http.get(options.url), 'response');
  await staging.add(answer);
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
    ['insert', (performance.now() - finished) / 1_000],
  ];
  const seconds = (performance.now() - started) / 1_000;
  await staging.close();
  report(started, parts, { rows, rejectedRows, seconds, stagingPeakMiB });
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

function report(started, parts, more = {}) {
  const seconds = (performance.now() - started) / 1_000;
  process.send({ seconds, parts, peakMiB: peakMiB(), ...more }, () => process.exit());
}

/** The most resident memory this process ever had. */
function peakMiB() {
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1_024);
}
