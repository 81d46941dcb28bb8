// How random tests draw: `TEST_SEED=7` for the draws of an earlier run, which said so when it began; `TEST_EFFORT=20` for
// twenty times as many of them, as `npm run test:soak` asks for.
import type { Parameters } from 'fast-check';

export const SEED = Number(process.env['TEST_SEED']);
/** As many times as a usual run. */
export const EFFORT = Number(process.env['TEST_EFFORT'] ?? 1);
export const isSoak = EFFORT > 1;

/** For fast-check: so many draws of a usual run, from the seed. */
export const runs = (usual: number): Pick<Parameters, 'numRuns' | 'seed'> => ({
  numRuns: usual * EFFORT,
  seed: SEED,
});

/** For scenarios that take minutes: one in a usual run. */
export const scenarioSeeds = Array.from({ length: EFFORT }, (_, i) => SEED + i);
