/**
 * What a dataflow costs: API calls of the first run of 186 days and of a second one on the same day, and the worker's
 * peak memory. 20 campaigns, 60 ad groups, 300 ads; a report is ready at its second poll.
 *
 *   npm run bench:calls
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { startSimulator } from '../dist/simulator/server.js';
import { DataflowClient } from '../dist/src/client.js';
import { startTemporalServer } from '../dist/src/start/temporal-server.js';

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const simulator = await startSimulator({});
const temporal = await startTemporalServer({ log: join(folder, 'temporal.log') });
const worker = spawn(process.execPath, [join(import.meta.dirname, '../dist/src/worker.js')], {
  stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  env: {
    ...process.env,
    TEMPORAL_ADDRESS: temporal.address,
    PINTEREST_API_URL: simulator.url,
    PINTEREST_ACCESS_TOKEN: simulator.settings.token,
    STORE_URL: `duckdb:${join(folder, 'store.duckdb')}`,
  },
});
const client = await DataflowClient.connect(temporal.address);
const spec = {
  name: 'bench',
  connection: { adAccountId: simulator.settings.adAccountId },
  source: { objects: ['campaigns', 'ad_groups', 'ads'].map((type) => ({ type, ids: 'all' })) },
};

const figures = [];
for (const what of ['first run, 186 days', 'second run, same day']) {
  const before = simulator.log.length;
  const started = Date.now();
  const record = await (await client.start(spec)).result();
  const calls = simulator.log.slice(before).filter(({ route }) => route !== 'download');
  figures.push({
    run: what,
    status: record.status,
    'API calls': calls.length,
    'analytics or report calls': calls.filter(({ route }) => route === 'analytics' || route === 'reports')
      .length,
    rows: record.recordSummary.outputRecordCount,
    seconds: (Date.now() - started) / 1000,
  });
}
console.table(figures);
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${worker.pid}/status`, 'utf8'));
console.log(`Worker's peak memory: ${Math.round(Number(peak[1]) / 1024)} MiB`);

worker.kill('SIGTERM');
await once(worker, 'exit');
await client.close();
await temporal.stop();
await simulator.close();
rmSync(folder, { recursive: true, force: true });
