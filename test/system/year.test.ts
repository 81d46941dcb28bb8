// Days of a dataflow's life with time skipped: after each of them the store equals what Pinterest shows.
import { SEED } from '../support/random.js';
import { liveThrough } from '../support/year/year.js';

const DAYS = Number(process.env['TEST_DAYS'] ?? 5);

test(`${DAYS} days of seed ${SEED}`, async () => {
  expect(await liveThrough(DAYS, SEED)).toBe(DAYS);
});
