// Whether a worker that may have 1 GiB of memory loads a report of 3,000,000 rows × 20 columns: it runs in a control group
// of that limit, without swap, so that the kernel kills it if it needs more. Linux, as root.
//
//   npm run bench:memory -- [--limit-mib 1024] [--rows 3000000] [--columns 20]
import { mkdirSync, existsSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import process from 'node:process';
import { ALL_COLUMNS, DEFAULT_COLUMNS, methodReads } from '../dist/src/dataflow/columns.js';
import { startSystem } from './system.mjs';

const { values } = parseArgs({
  options: {
    'limit-mib': { type: 'string', default: '1024' },
    rows: { type: 'string', default: '3000000' },
    columns: { type: 'string', default: '20' },
  },
});
const limit = Number(values['limit-mib']) * 2 ** 20;
const others = ALL_COLUMNS.filter((name) => !DEFAULT_COLUMNS.includes(name) && methodReads('report', [name]));
const columns = [...DEFAULT_COLUMNS, ...others].slice(0, Number(values.columns));
const DAYS = 186;
/** Of a hundred days of an ad of the simulator's, about so many have a row. */
const DAYS_WITH_ROWS = 49;
const ads = Math.ceil((Number(values.rows) * 100) / DAYS / DAYS_WITH_ROWS);

/** A control group of either kind: its folder, and the names of its files. */
const newGroup = () => {
  const isFirst = existsSync('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  const folder = join(isFirst ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', `bench-${process.pid}`);
  mkdirSync(folder);
  const names = isFirst
    ? {
        limits: ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes'],
        killed: ['memory.oom_control', /oom_kill (\d+)/],
      }
    : { limits: ['memory.max'], killed: ['memory.events', /oom_kill (\d+)/] };
  for (const name of names.limits) {
    const file = join(folder, name);
    if (existsSync(file)) writeFileSync(file, String(limit));
  }
  if (!isFirst) writeFileSync(join(folder, 'memory.swap.max'), '0');
  const [file, count] = names.killed;
  return { folder, killed: () => Number(count.exec(readFileSync(join(folder, file), 'utf8'))?.[1] ?? 0) };
};

const group = newGroup();
const system = await startSystem({
  simulator: { adAccounts: [{ campaigns: 50, adGroups: 200, ads }] },
  launch: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(group.folder, 'cgroup.procs')],
});
const [worker] = system.workers;
const gone = new Promise((_, failed) => {
  worker.once('exit', (code, signal) => failed(new Error(`The worker ended: ${signal ?? code}`)));
});
const begun = performance.now();
const run = await system.client.start({
  name: 'bench',
  connection: { adAccountId: system.simulator.settings.adAccountId },
  source: {
    objects: [{ type: 'ads', ids: 'all' }],
    columns,
    backfillDays: DAYS,
  },
});
const record = await Promise.race([run.result(), gone]);
const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8');
console.table([
  {
    status: record.status,
    rows: record.recordSummary.outputRecordCount,
    columns: columns.length,
    'answers, MB': Math.round(record.sizeSummary.inputBytes / 1e6),
    seconds: Math.round((performance.now() - begun) / 1_000),
    'limit, MiB': limit / 2 ** 20,
    'most resident, MiB': Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1_024),
    'killed for memory': group.killed(),
  },
]);
gone.catch(() => {});
await system.stop();
rmdirSync(group.folder);
process.exit(record.status === 'success' ? 0 : 1);
