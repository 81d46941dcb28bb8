// Whatever workers do and however they die: no window is exceeded, no permit is lost for good, nobody starves.
import fc from 'fast-check';
import { newBudget } from '../../src/quota/budget/budget-state.js';
import { budgetView } from '../../src/quota/budget/budget-view.js';
import { excesses } from './oracle.js';
import { runSchedule, type ScheduleOptions } from './random-schedule.js';
import { runs } from '../support/random.js';

const limits = fc.array(
  fc.record({ calls: fc.integer({ min: 1, max: 40 }), windowMs: fc.integer({ min: 200, max: 60_000 }) }),
  {
    minLength: 1,
    maxLength: 3,
  },
);

const schedules: fc.Arbitrary<ScheduleOptions> = fc.record({
  seed: fc.nat(),
  limits,
  timing: fc.record({
    ttlMs: fc.integer({ min: 100, max: 10_000 }),
    requestTimeoutMs: fc.integer({ min: 100, max: 20_000 }),
    graceMs: fc.constant(10_000),
  }),
  dataflows: fc.integer({ min: 1, max: 8 }),
  workers: fc.integer({ min: 1, max: 8 }),
  leases: fc.integer({ min: 1, max: 6 }),
  largestLease: fc.integer({ min: 1, max: 12 }),
  crash: fc.constantFrom(0, 0.05, 0.5),
  twice: fc.constantFrom(0, 0.3),
  slow: fc.constantFrom(0, 0.1, 0.5),
  instant: fc.constantFrom(0, 0.5, 0.95),
});

/** Three dataflows that once waited for each other in a circle, each coming back in vain for ever. */
const CIRCLE: ScheduleOptions = {
  seed: 881_523_882,
  limits: [{ calls: 1, windowMs: 57_019 }],
  timing: { ttlMs: 1_195, requestTimeoutMs: 11_001, graceMs: 10_000 },
  dataflows: 3,
  workers: 5,
  leases: 6,
  largestLease: 2,
  crash: 0.5,
  twice: 0.3,
  slow: 0.5,
  instant: 0,
};

/** Forty-eight calls, one in four hours: a week in which those who wait ask seven thousand times. */
const A_WEEK_IN_LINE: ScheduleOptions = {
  seed: 0,
  limits: [
    { calls: 1, windowMs: 13_863_873 },
    { calls: 1, windowMs: 600_000 },
  ],
  timing: { ttlMs: 100, requestTimeoutMs: 100, graceMs: 10_000 },
  dataflows: 4,
  workers: 8,
  leases: 6,
  largestLease: 1,
  crash: 0,
  twice: 0,
  slow: 0,
  instant: 0,
  asksAgain: true,
};

const longSchedules: fc.Arbitrary<ScheduleOptions> = fc
  .tuple(
    schedules,
    fc.array(
      fc.record({
        calls: fc.integer({ min: 1, max: 20 }),
        windowMs: fc.integer({ min: 600_000, max: 14_400_000 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  )
  .map(([schedule, long]) => ({ ...schedule, limits: long, asksAgain: true }));

/** Windows exceeded, dataflows passed three times, calls that count too long. */
const faults = (options: ScheduleOptions): string[] => {
  const { state, arrivals, unfair, endMs } = runSchedule(options);
  const { ttlMs, requestTimeoutMs } = options.timing;
  const longest = Math.max(...options.limits.map((limit) => limit.windowMs));
  const view = budgetView(state, Math.ceil(endMs) + longest + ttlMs + requestTimeoutMs + 1);
  const counting = view.limits.filter((limit) => limit.spent + limit.leased > 0);
  return [
    ...excesses(arrivals, options.limits),
    ...unfair,
    ...counting.map(({ limit }) => `calls count too long under ${limit}`),
  ];
};

describe('any schedule of leases, spends, reports, crashes and retries', () => {
  test('keeps every window, counts no call for too long, and lets nobody be passed three times', () => {
    fc.assert(
      fc.property(schedules, (options) => {
        expect(faults(options)).toEqual([]);
      }),
      { ...runs(2_000), examples: [[CIRCLE]] },
    );
  });

  test('does so with windows of hours, where those who wait ask again on the way', () => {
    fc.assert(
      fc.property(longSchedules, (options) => {
        expect(faults(options)).toEqual([]);
      }),
      { ...runs(150), examples: [[A_WEEK_IN_LINE]] },
    );
  });

  test('a budget that nobody asked yet describes itself', () => {
    expect(budgetView(newBudget(), 0)).toMatchObject({ callsLeft: 0, limits: [], waiting: [] });
  });
});
