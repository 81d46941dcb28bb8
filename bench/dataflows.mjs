// 200 dataflows of small ad accounts (3 campaigns, 6 ad groups, 20 ads) on one app's budget of 2,000 calls a minute, one
// worker and one store. They begin in twenties; the next day all run at once. Every row is then compared with what the
// simulator says. A run by itself is timed while 20 dataflows are in the store and while all are.
//
//   npm run bench:dataflows -- [--store duckdb|postgres] [--dataflows 200]
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, isDeepStrictEqual } from 'node:util';
import process from 'node:process';
import { addDays, dateOf } from '../dist/src/dataflow/dates.js';
import { Postgres } from '../dist/test/support/postgres.js';
import { storedLines, trueLines } from '../dist/test/support/truth.js';
import { EVERYTHING, startSystem } from './system.mjs';

const { values } = parseArgs({
  options: {
    store: { type: 'string', multiple: true, default: ['duckdb', 'postgres'] },
    dataflows: { type: 'string', default: '200' },
  },
});
const DATAFLOWS = Number(values.dataflows);
const AT_ONCE = 20;
const MOST_CALLS = 6;
const MOST_MIB = 700;
const MOST_TIMES = 2;
const DAYS = 186;
const DAY_MS = 86_400_000;
const ALONE = 7;

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
const range = (length) => Array.from({ length }, (_, i) => i);

const measure = async (store) => {
  const postgres = store === 'postgres' ? await Postgres.start() : undefined;
  const startedMs = Date.now();
  let daysAhead = 0;
  const now = () => startedMs + daysAhead * DAY_MS;
  const accounts = range(DATAFLOWS).map((i) => ({
    id: String(549755885175 + i),
    campaigns: 3,
    adGroups: 6,
    ads: 20,
  }));
  const system = await startSystem({
    program: join(import.meta.dirname, 'worker-ahead.mjs'),
    simulator: { now, adAccounts: accounts, reportPollsUntilReady: 1, reportReadyAfterMs: 5_000 },
    environment: {
      PINTEREST_QUOTA: '2000/1m',
      DAYS_AHEAD: '0',
      NODE_OPTIONS: process.env.WORKER_OPTIONS ?? '',
      ...(postgres && { STORE_URL: postgres.url() }),
    },
  });
  const { simulator, client } = system;
  const specs = accounts.map(({ id }, i) => ({
    name: `flow-${i}`,
    connection: { adAccountId: id },
    source: { objects: EVERYTHING, backfillDays: DAYS },
  }));
  const failures = [];
  let mostMiB = 0;
  const lookAtMemory = () => {
    const status = readFileSync(`/proc/${system.workers[0].pid}/status`, 'utf8');
    mostMiB = Math.max(mostMiB, Number(/VmHWM:\s+(\d+)/.exec(status)[1]) / 1_024);
  };
  const run = async (chosen) => {
    const begun = performance.now();
    const before = system.calls().length;
    const handles = await Promise.all(chosen.map((spec) => client.start(spec)));
    const records = await Promise.all(handles.map((handle) => handle.result()));
    failures.push(...records.filter(({ status }) => status !== 'success'));
    return {
      seconds: (performance.now() - begun) / 1_000,
      most: Math.max(...records.map(({ apiCalls }) => apiCalls.total)),
      calls: system.calls().length - before,
    };
  };
  /** A run that has nothing new to find, by itself, in seconds. */
  const alone = async (there) => {
    const seconds = [];
    for (let i = 0; i < ALONE; i++)
      seconds.push((await run([specs[Math.floor((i * there) / ALONE)]])).seconds);
    return median(seconds);
  };

  const twenties = [];
  let aloneOf20;
  for (let first = 0; first < DATAFLOWS; first += AT_ONCE) {
    const figures = await run(specs.slice(first, first + AT_ONCE));
    twenties.push(figures.seconds);
    console.error(store, 'first runs of', first, 'to', first + AT_ONCE, figures);
    if (first === 0) aloneOf20 = await alone(AT_ONCE);
  }
  const aloneOfAll = await alone(DATAFLOWS);
  console.error(store, { aloneOf20, aloneOfAll });
  lookAtMemory();
  await system.stopWorkers();
  daysAhead = 1;
  await system.startWorker({ DAYS_AHEAD: '1' });
  const daily = await run(specs);
  lookAtMemory();
  console.error(store, { daily });
  await system.stopWorkers();

  const to = dateOf(now());
  let wrong = 0;
  let rows = 0;
  for (const { name, connection } of specs) {
    for (const { type: objectType } of EVERYTHING) {
      const question = {
        accountId: connection.adAccountId,
        objectType,
        from: addDays(to, -DAYS),
        to,
        now: now(),
      };
      const stored = await storedLines(postgres?.url() ?? system.storePath, name.replace('-', '_'), question);
      rows += stored.length;
      if (!isDeepStrictEqual(stored, trueLines(simulator.generator, question))) wrong += 1;
    }
  }
  await system.stop();
  await postgres?.close();
  return {
    store,
    'runs that failed': failures.length,
    rows,
    'wrong tables': wrong,
    'last twenty by the first': twenties.at(-1) / twenties[0],
    'alone, all by 20': aloneOfAll / aloneOf20,
    'most calls of a daily run': daily.most,
    'daily, seconds': daily.seconds,
    'worker, MiB': Math.round(mostMiB),
  };
};

const figures = [];
for (const store of values.store) figures.push(await measure(store));
console.table(figures);
const missed = figures.filter(
  (figure) =>
    figure['runs that failed'] > 0 ||
    figure['wrong tables'] > 0 ||
    figure['most calls of a daily run'] > MOST_CALLS ||
    figure['worker, MiB'] > MOST_MIB ||
    figure['alone, all by 20'] > MOST_TIMES,
);
for (const { store } of missed) console.log(`${store} misses a bound.`);
process.exit(missed.length === 0 ? 0 : 1);
