// A strict budget is of little use if it lets calls go to waste.
import { excesses } from './oracle.js';
import { Workers } from './workers.js';

const LIMITS = [{ calls: 30, windowMs: 10_000 }];
const IDEAL_MS = 90_000;

describe('300 calls under 30 in 10 s', () => {
  test.each([
    ['one worker, one call at a time', 1, 1, 5],
    ['three workers, two calls at a time', 3, 2, 5],
    ['three workers that lease ten at once', 3, 4, 10],
    ['eight workers, two calls at a time', 8, 2, 3],
    ['eight workers that lease one by one', 8, 1, 1],
  ])(
    '%s: at least 85 %% of the budget is used, and no window exceeded',
    async (_, count, parallel, batch) => {
      const shares: number[] = [];
      for (let seed = 1; seed <= 10; seed += 1) {
        const workers = new Workers(LIMITS, seed);
        const startMs = workers.time.nowMs;
        for (let i = 0; i < count; i += 1) {
          const calls = Math.floor((300 * (i + 1)) / count) - Math.floor((300 * i) / count);
          workers.start({
            dataflow: `dataflow-${i}`,
            class: i % 2 ? 'backfill' : 'fresh',
            parallel,
            calls,
            batch,
          });
        }
        await workers.time.runAsync();
        const arrivals = workers.calls.map((call) => call.arrivedMs);
        expect(arrivals).toHaveLength(300);
        expect(excesses(arrivals, LIMITS)).toEqual([]);
        shares.push(IDEAL_MS / (Math.max(...arrivals) - startMs));
      }
      expect(Math.min(...shares)).toBeGreaterThanOrEqual(0.85);
    },
  );
});
