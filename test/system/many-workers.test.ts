// Everything at once on PostgreSQL: Pinterest fails, of two workers one is killed every two seconds for a minute,
// PostgreSQL restarts twice, and so does Temporal.
import { setTimeout as sleep } from 'node:timers/promises';
import { draws, restartTemporal, withstand, type Systems } from '../support/chaos.js';
import { scenarioSeeds } from '../support/random.js';
import { Postgres } from '../support/postgres.js';

const SCENE = { workers: 2, accounts: 12, quota: { calls: 140, windowMs: 20_000 }, latencyMs: 500 };
/** Hour by hour a chunk reads three days of an object type at most: three chunks for each of three types. */
const FEWEST_CHUNKS = 9 * SCENE.accounts;
const KILLS = 30;
const EVERY_MS = 2_000;
/** Of the minute: PostgreSQL restarts in the first two, Temporal in the first and the last. */
const THIRD_MS = 20_000;
/** A server that is back by then is waited for within an attempt. */
const LONGEST_AWAY_MS = 5_000;

test.each(scenarioSeeds)('the store equals the truth after two workers met seed %i', async (seed) => {
  const postgres = await Postgres.start();
  const random = draws(seed);
  const strike = async (systems: Systems): Promise<void> => {
    const { faults, workers, tell } = systems;
    // The catalogues are being read.
    await faults.reach(20);
    const startedMs = Date.now();
    const until = (ms: number): Promise<void> => sleep(Math.max(0, startedMs + ms - Date.now()));
    const killWorkers = async (): Promise<void> => {
      for (let kill = 1; kill <= KILLS; kill++) {
        // In turn: each has the time to come up and begin something.
        const victim = kill % workers.length;
        await until(kill * EVERY_MS);
        await workers[victim]!.kill();
        tell(`worker ${victim} killed`);
      }
    };
    const restartPostgres = async (third: number, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> => {
      const awayMs = random() * LONGEST_AWAY_MS;
      await until((third + random()) * THIRD_MS);
      await postgres.down(signal);
      await sleep(awayMs);
      await postgres.up();
      tell(`PostgreSQL back after ${signal} and ${Math.round(awayMs)} ms`);
    };
    const restartTemporalIn = async (third: number, signal: NodeJS.Signals): Promise<void> => {
      await until((third + random()) * THIRD_MS);
      await restartTemporal(systems, signal, 300 * random());
    };
    await Promise.all([
      killWorkers(),
      restartPostgres(0, 'SIGINT').then(() => restartPostgres(1, 'SIGQUIT')),
      restartTemporalIn(0, 'SIGTERM').then(() => restartTemporalIn(2, 'SIGKILL')),
    ]);
  };
  try {
    const chunks = await withstand(seed, { ...SCENE, storeUrl: postgres.url(), strike });
    expect(chunks).toBeGreaterThanOrEqual(FEWEST_CHUNKS);
  } finally {
    await postgres.close();
  }
});
