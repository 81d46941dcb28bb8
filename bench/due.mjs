// How long it takes to find what is due: 1,000,000 rows × 20 metrics in the store, hashed in the database, week by week. And how
// fast rows leave it for a target: all weeks into Parquet files.
//
//   npm run bench:due [-- --rows 1000000 --runs 3 --store duckdb|postgres]
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ACCOUNT, filled, stores } from './filled-store.mjs';
import { median } from './loading/report.mjs';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    runs: { type: 'string', default: '3' },
    store: { type: 'string', default: 'both' },
  },
});

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
    const { close, ...place } = await make(folder);
    try {
      const store = await filled(place, Number(options.rows));
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
