// Everything at once on DuckDB: Pinterest fails, the worker is killed and Temporal restarts.
import { setTimeout as sleep } from 'node:timers/promises';
import { draws, restartTemporal, withstand, type Systems } from '../support/chaos.js';
import { isSoak, scenarioSeeds } from '../support/random.js';

const SCENE = {
  workers: 1,
  accounts: isSoak ? 22 : 14,
  /** Fewer calls than the scene needs, 13 an ad account: so there is a window that the rule speaks of. */
  quota: { calls: 150, windowMs: 20_000 },
  latencyMs: 0,
};
/** Hour by hour a chunk reads three days of an object type at most: three chunks for each of three types. */
const FEWEST_CHUNKS = 9 * SCENE.accounts;
const KILLS = isSoak ? 10 : 6;
const RESTARTS = 2;
/** Fewer than the requests of a run without any fault, 13 an ad account: all that is drawn from it happens. */
const REQUESTS = 12.5 * SCENE.accounts;

/** What is done at the n-th request, drawn from the seed. */
const blowsOf = (seed: number) => {
  const random = draws(seed);
  const blow = (kind: 'kill' | 'restart') => ({
    kind,
    at: 40 + Math.floor(random() * (REQUESTS - 40)),
    delayMs: Math.floor(random() * 300),
    signal: random() < 0.5 ? ('SIGKILL' as const) : ('SIGTERM' as const),
  });
  return [
    ...Array.from({ length: KILLS }, () => blow('kill')),
    ...Array.from({ length: RESTARTS }, () => blow('restart')),
  ].sort((a, b) => a.at - b.at);
};

const strike = async (systems: Systems): Promise<void> => {
  const { seed, faults, workers, tell } = systems;
  for (const { kind, at, delayMs, signal } of blowsOf(seed)) {
    await faults.reach(at);
    await sleep(delayMs);
    if (kind === 'restart') await restartTemporal(systems, signal, delayMs);
    else {
      await workers[0]!.kill();
      tell('worker killed');
    }
  }
};

test.each(scenarioSeeds)('the store equals the truth after chaos of seed %i', async (seed) => {
  expect(await withstand(seed, { ...SCENE, strike })).toBeGreaterThanOrEqual(FEWEST_CHUNKS);
});
