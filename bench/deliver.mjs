// How fast rows get from the store to Experience Platform, and with how much memory: 1,000,000 rows × 20 metrics in a DuckDB file,
// week by week as JSON lines over HTTP to a server that only takes them, against DuckDB alone writing the same rows as NDJSON
// to a disk. The sender is a process of its own. Not measured: the ledger, and finding what is due (`bench:due`).
//
//   npm run bench:deliver [-- --rows 1000000 --runs 3]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { openStore } from '../dist/src/store/open-store.js';
import { experiencePlatformTarget } from '../dist/src/targets/experience-platform/experience-platform-target.js';
import { ACCOUNT, filled, stores } from './filled-store.mjs';
import { median } from './loading/report.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    role: { type: 'string', default: 'main' },
    folder: { type: 'string', default: '' },
    url: { type: 'string', default: '' },
  },
});

/** As many partitions side by side as a run delivers. */
const LANES = 3;

/** `cpu`: of this process, all threads. */
const seconds = async (work) => {
  const [started, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - started) / 1_000, cpu: (user + system) / 1e6 };
};

/** As much of a platform as a delivery asks for; what is uploaded goes nowhere. */
const startSink = async () => {
  const taken = { bytes: 0, batches: 0 };
  const answers = [
    [/^\/ims\//, () => ({ access_token: 'token', expires_in: 86_399 })],
    [/\/schemaregistry\/stats/, () => ({ tenantId: 'acme' })],
    [/\/catalog\/dataSets/, () => ({ dataset: { name: 'acme-ads', schemaRef: { id: 'schema' } } })],
    [/\/import\/batches$/, () => ({ id: `batch-${(taken.batches += 1)}` })],
    [/\/catalog\/batches\//, () => ({ batch: { status: 'success', metrics: {} } })],
    [/./, () => ({})],
  ];
  const server = http.createServer((request, response) => {
    taken.bytes += Number(request.headers['content-length'] ?? 0);
    request.resume().on('end', () => {
      const [, answer] = answers.find(([pattern]) => pattern.test(request.url));
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer()));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, taken, close: () => server.close() };
};

const send = async () => {
  const access = { clientId: 'client', clientSecret: 'secret', org: 'org', scopes: 'openid' };
  const open = experiencePlatformTarget({ ...access, url: options.url, imsUrl: options.url });
  const target = open({
    kind: 'experience-platform',
    sandbox: 'prod',
    dataset: 'acme-ads',
    shape: 'columns',
  });
  const store = openStore(`duckdb:${join(options.folder, 'store.duckdb')}`);
  const { signal } = new AbortController();
  const tables = await store.partitions.tables(ACCOUNT.dataflow);
  const table = tables.find(({ table: name }) => name === 'ad_analytics');
  const weeks = (await store.partitions.contents(ACCOUNT)).map(({ week }) => week);
  const time = await seconds(async () => {
    const lane = async () => {
      for (let week = weeks.shift(); week; week = weeks.shift()) {
        const folder = await mkdtemp(join(options.folder, 'week-'));
        const workFolder = join(folder, 'work');
        await mkdir(workFolder);
        const file = join(folder, 'rows.parquet');
        const { rows } = await store.partitions.write(ACCOUNT, table, week, file);
        const partition = { ...table, adAccountId: ACCOUNT.adAccountId, week };
        const id = await target.begin(partition, null, signal);
        const begun = { partition, id, signal };
        await target.upload(begun, { columns: table.columns, file, rows, workFolder });
        await target.complete(begun);
        await target.look(begun);
        await rm(folder, { recursive: true });
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  });
  process.send({ ...time, megabytes: process.resourceUsage().maxRSS / 1024 });
};

const main = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-deliver-'));
  try {
    const place = await stores.duckdb(folder);
    await filled(place, Number(options.rows));
    const floors = [];
    const sent = [];
    for (let run = 0; run < Number(options.runs); run++) {
      const instance = await DuckDBInstance.create(join(folder, 'store.duckdb'), { threads: '2' });
      const connection = await instance.connect();
      const file = join(folder, 'rows.ndjson');
      floors.push(
        await seconds(() =>
          connection.run(
            `COPY (SELECT * EXCLUDE (_loaded_at) FROM bench.ad_analytics) TO '${file}' (FORMAT json)`,
          ),
        ),
      );
      connection.closeSync();
      instance.closeSync();
      const { size } = await stat(file);
      await rm(file);
      const sink = await startSink();
      const child = fork(import.meta.filename, ['--role', 'send', '--folder', folder, '--url', sink.url]);
      const [result] = await once(child, 'message');
      sink.close();
      sent.push(result);
      const floor = floors.at(-1);
      const ratio = (result.seconds / floor.seconds).toFixed(2);
      process.stdout.write(
        `NDJSON by DuckDB alone: ${floor.seconds.toFixed(2)} s (${floor.cpu.toFixed(2)} s of processors), ${Math.round(size / 1e6)} MB; ` +
          `delivered: ${result.seconds.toFixed(2)} s (${result.cpu.toFixed(2)} s), ` +
          `${Math.round(sink.taken.bytes / 1e6)} MB in ${sink.taken.batches} batches: ${ratio} times; ${Math.round(result.megabytes)} MiB of memory at most\n`,
      );
    }
    const [floor, time] = [floors, sent].map((times) => median(times.map((one) => one.seconds)));
    const megabytes = Math.max(...sent.map((result) => result.megabytes));
    process.stdout.write(
      `${options.rows} rows: ${time.toFixed(2)} s, ${(time / floor).toFixed(2)} times DuckDB's NDJSON (wanted: 3), ${Math.round(megabytes)} MiB at most (wanted: 500)\n`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

await (options.role === 'send' ? send() : main());
