// How much of a budget of 30 calls in 10 seconds is used by work for some 240 calls. Ideal is a burst of 30 at once and then
// 30 each 10 s; measured is first call to last, as the simulator logs them. A report is ready after 5 s: the first look, at
// 8 s, finds it, so that what is measured is the budget and not the pauses between looks.
//
//   npm run bench:quota
import process from 'node:process';
import { EVERYTHING, startSystem } from './system.mjs';

const CALLS = 30;
const WINDOW_MS = 10_000;

const scenarios = {
  '22 first runs at once': { dataflows: 22, source: { objects: EVERYTHING } },
  '75 short runs at once': {
    dataflows: 75,
    source: { objects: EVERYTHING.slice(0, 1), backfillDays: 30 },
  },
};

const measure = async ({ dataflows, source }) => {
  const { simulator, client, calls, stop } = await startSystem({
    simulator: { latencyMs: 20, reportPollsUntilReady: 1, reportReadyAfterMs: 5_000 },
    environment: { PINTEREST_QUOTA: `${CALLS}/${WINDOW_MS / 1000}s` },
  });
  const connection = { adAccountId: simulator.settings.adAccountId };
  const runs = await Promise.all(
    Array.from({ length: dataflows }, (_, i) => client.start({ name: `flow-${i}`, connection, source })),
  );
  const records = await Promise.all(runs.map((run) => run.result()));
  await stop();

  const at = calls().map((call) => call.at);
  const windows = at.slice(CALLS).map((time, i) => time - at[i]);
  const ideal = (Math.ceil(at.length / CALLS) - 1) * WINDOW_MS;
  const measured = at.at(-1) - at[0];
  return {
    calls: at.length,
    'calls in records': records.reduce((sum, { apiCalls }) => sum + apiCalls.total, 0),
    status: [...new Set(records.map(({ status }) => status))].join(', '),
    'ideal s': ideal / 1000,
    'measured s': measured / 1000,
    'used %': Math.round((100 * ideal) / measured),
    'shortest window of 31 calls, ms': Math.min(...windows),
  };
};

const wanted = process.argv.slice(2);
const figures = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  if (wanted.length === 0 || wanted.some((part) => name.includes(part)))
    figures[name] = await measure(scenario);
}
console.table(figures);
process.exit(0);
