// What more workers are worth: the same backfill by one worker and by four, into PostgreSQL, from a Pinterest whose every
// answer takes 5 s. 24 dataflows of 4 ad accounts each ask for 186 days of campaigns, which a report answers; the quota is
// no limit, the 8 activities that a worker does at a time are. Every row is then compared with what the simulator says.
//
//   npm run bench:workers
import { isDeepStrictEqual } from 'node:util';
import process from 'node:process';
import { addDays, dateOf } from '../dist/src/dataflow/dates.js';
import { Postgres } from '../dist/test/support/postgres.js';
import { storedLines, trueLines } from '../dist/test/support/truth.js';
import { startSystem } from './system.mjs';

const LATENCY_MS = 5_000;
const DATAFLOWS = 24;
const ACCOUNTS_EACH = 4;
const DAYS = 186;
/** Of a worker. */
const SIDE_BY_SIDE = 8;
const MOST = 1 / 3;
const COLUMNS = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION', 'CTR', 'TOTAL_CONVERSIONS'];

const startedMs = Date.now();
const accountIds = Array.from({ length: DATAFLOWS * ACCOUNTS_EACH }, (_, i) => String(549755885175 + i));
const dataflows = Array.from({ length: DATAFLOWS }, (_, i) => ({
  name: `flow-${i}`,
  adAccountIds: accountIds.slice(i * ACCOUNTS_EACH, (i + 1) * ACCOUNTS_EACH),
}));
const source = {
  objects: [{ type: 'campaigns', ids: 'all' }],
  backfillDays: DAYS,
  columns: COLUMNS,
};

/** How many ad accounts' rows are not what they should be, and how many rows there are. */
const compare = async (generator, storeUrl) => {
  let rows = 0;
  let wrong = 0;
  const to = dateOf(startedMs);
  const asked = { objectType: 'campaigns', columns: COLUMNS, now: startedMs };
  for (const { name, adAccountIds } of dataflows) {
    for (const accountId of adAccountIds) {
      const question = { ...asked, accountId, from: addDays(to, 1 - DAYS), to };
      const stored = await storedLines(storeUrl, name.replace('-', '_'), question);
      rows += stored.length;
      if (!isDeepStrictEqual(stored, trueLines(generator, question))) wrong += 1;
    }
  }
  return { rows, wrong };
};

const measure = async (workers) => {
  const postgres = await Postgres.start();
  const { simulator, client, stop } = await startSystem({
    workers,
    simulator: {
      now: () => startedMs,
      latencyMs: LATENCY_MS,
      adAccounts: accountIds.map((id) => ({ id, campaigns: 5, adGroups: 5, ads: 20 })),
    },
    environment: { STORE_URL: postgres.url(), PINTEREST_QUOTA: '1000000/1d' },
  });
  const begun = performance.now();
  const runs = await Promise.all(
    dataflows.map(({ name, adAccountIds }) => client.start({ name, connection: { adAccountIds }, source })),
  );
  const records = await Promise.all(runs.map((run) => run.result()));
  const seconds = (performance.now() - begun) / 1000;
  const { rows, wrong } = await compare(simulator.generator, postgres.url());
  const answers = simulator.log.length;
  await stop();
  await postgres.close();
  return {
    workers,
    status: [...new Set(records.map(({ status }) => status))].join(', '),
    answers,
    rows,
    'ad accounts with wrong rows': wrong,
    seconds: Math.round(seconds * 10) / 10,
    'least s that the answers take': (answers * LATENCY_MS) / (SIDE_BY_SIDE * workers * 1000),
  };
};

const figures = [await measure(1), await measure(4)];
console.table(figures);
const ratio = figures[1].seconds / figures[0].seconds;
const right = figures.every((figure) => figure['ad accounts with wrong rows'] === 0);
console.log(
  `Four workers take ${ratio.toFixed(2)} of the time of one (at most ${MOST.toFixed(2)} is asked for).`,
);
process.exit(right && ratio <= MOST ? 0 : 1);
