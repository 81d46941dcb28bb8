// npm run bench:report: how long a report of a large dataflow takes, and how large it is. As a person runs it, Node's start included.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { METRICS } from './loading/report.mjs';
import { ACCOUNT, filled, stores } from './filled-store.mjs';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '1000000' }, runs: { type: 'string', default: '3' } },
});

const need = {
  objectType: 'ads',
  selection: 'all',
  objects: null,
  periods: [],
  coverage: [],
  criteria: {
    columns: METRICS,
    attribution: '30/30/1',
    granularity: 'DAY',
    restateDays: 30,
    freshSinceMs: 0,
    rereadFinal: false,
  },
  failed: [],
};
/** Reaches back to the rows, whose dates are fixed. */
const BACKFILL_DAYS = 914;

const folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
for (const [name, open] of Object.entries(stores)) {
  const { url, fill, close } = await open(folder);
  const store = await filled({ url, fill }, Number(values.rows));
  await store.wanted.keep(ACCOUNT, [need], BACKFILL_DAYS);
  const file = join(folder, 'report.html');
  for (let run = 0; run < Number(values.runs); run += 1) {
    const begun = performance.now();
    const args = ['dist/src/cli/main.js', 'report', ACCOUNT.dataflow, '--out', file, '--json'];
    const output = execFileSync(process.execPath, args, { env: { ...process.env, STORE_URL: url } });
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    process.stdout.write(
      `${name}: ${values.rows} rows, ${seconds} s, ${Math.round(JSON.parse(output).bytes / 1000)} kB\n`,
    );
  }
  await close();
}
rmSync(folder, { recursive: true });
process.exit(0);
