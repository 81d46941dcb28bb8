// Two classes, many dataflows, one budget: who gets how much of it.
import type { LeaseClass } from '../../src/quota/budget/budget-state.js';
import { Workers } from './workers.js';

const LIMITS = [{ calls: 30, windowMs: 10_000 }];
const WINDOWS = 12;

/** Calls of each class in every window after the first two, in which the budget is not yet in its stride. */
const callsPerWindow = async (
  fresh: number,
  backfill: number,
  batch: number,
  seed: number,
): Promise<Record<'fresh' | 'backfill', number>> => {
  const workers = new Workers(LIMITS, seed);
  const startMs = workers.time.nowMs;
  const endMs = startMs + WINDOWS * 10_000;
  const start = (name: string, leaseClass: LeaseClass, count: number): void => {
    for (let i = 0; i < count; i += 1) {
      workers.start(
        { dataflow: `${name}-${i}`, class: leaseClass, parallel: 2, calls: 10_000, batch },
        endMs,
      );
    }
  };
  start('daily', 'fresh', fresh);
  start('history', 'backfill', backfill);
  await workers.time.runAsync(endMs);
  const counted = workers.calls.filter((call) => call.arrivedMs >= startMs + 20_000);
  const of = (leaseClass: LeaseClass): number =>
    counted.filter((call) => call.class === leaseClass).length / (WINDOWS - 2);
  return { fresh: of('fresh'), backfill: of('backfill') };
};

describe('fair shares', () => {
  test.each([
    [1, 1, 1],
    [1, 1, 5],
    [5, 1, 5],
    [10, 1, 3],
    [1, 5, 5],
    [2, 10, 3],
  ])(
    '%i fresh and %i backfilling dataflows in batches of %i: each class gets its tenth',
    async (fresh, backfill, batch) => {
      for (let seed = 1; seed <= 5; seed += 1) {
        const calls = await callsPerWindow(fresh, backfill, batch, seed);
        // Three calls, each made once in a window and the time it takes to report, wake and ask again.
        expect(calls.backfill).toBeGreaterThanOrEqual(3 * 0.85);
        expect(calls.fresh).toBeGreaterThanOrEqual(3 * 0.85);
        expect(calls.fresh + calls.backfill).toBeGreaterThanOrEqual(30 * 0.85);
      }
    },
  );

  test('questions go before everything, and take no more than leaves the others their tenths', async () => {
    const workers = new Workers(LIMITS, 1);
    const startMs = workers.time.nowMs;
    const endMs = startMs + WINDOWS * 10_000;
    const asker = (dataflow: string, leaseClass: LeaseClass, parallel: number): void =>
      workers.start({ dataflow, class: leaseClass, parallel, calls: 10_000, batch: 1 }, endMs);
    for (let i = 0; i < 8; i += 1) asker(`asked-${i}`, 'question', 2);
    asker('daily', 'fresh', 2);
    asker('history', 'backfill', 2);
    await workers.time.runAsync(endMs);
    const of = (leaseClass: LeaseClass): number =>
      workers.calls.filter((call) => call.arrivedMs >= startMs + 20_000 && call.class === leaseClass).length /
      (WINDOWS - 2);
    expect(of('question')).toBeGreaterThan(of('fresh'));
    expect(of('fresh')).toBeGreaterThanOrEqual(3 * 0.85);
    expect(of('backfill')).toBeGreaterThanOrEqual(3 * 0.85);
  });

  test.each([
    ['fresh', 3, 0],
    ['backfill', 0, 3],
  ] as const)('%s alone gets all of the budget', async (name, fresh, backfill) => {
    const calls = await callsPerWindow(fresh, backfill, 5, 1);
    expect(calls[name]).toBeGreaterThanOrEqual(30 * 0.9);
  });
});
