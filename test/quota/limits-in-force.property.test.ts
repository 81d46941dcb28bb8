// Workers come and go, each with limits of its own: the strictest of those who asked in the last ten minutes holds.
import fc from 'fast-check';
import { newBudget, type Budget, type LeaseAnswer } from '../../src/quota/budget/budget-state.js';
import { budgetView } from '../../src/quota/budget/budget-view.js';
import { reduceBudget } from '../../src/quota/budget/budget.js';
import { limitName, type QuotaLimit } from '../../src/quota/limits.js';
import { START_MS } from './asking.js';
import { runs } from '../support/random.js';
import { randomOf } from './clock.js';

const TEN_MINUTES_MS = 600_000;
const HOURS_MS = 4 * 3_600_000;
const LAX: QuotaLimit[] = [{ calls: 900_000, windowMs: 86_400_000 }];

interface Worker {
  limits: QuotaLimit[];
  fromMs: number;
  toMs: number;
}

const limit = fc.record({
  calls: fc.integer({ min: 1, max: 60 }),
  windowMs: fc.constantFrom(10_000, 60_000, 3_600_000, 7_200_000, 86_400_000),
});
const workers: fc.Arbitrary<Worker[]> = fc.array(
  fc
    .tuple(
      fc.uniqueArray(limit, { minLength: 1, maxLength: 2, selector: ({ windowMs }) => windowMs }),
      fc.integer({ min: 0, max: HOURS_MS }),
      fc.integer({ min: 0, max: HOURS_MS }),
    )
    .map(([limits, one, other]) => ({ limits, fromMs: Math.min(one, other), toMs: Math.max(one, other) })),
  { minLength: 1, maxLength: 4 },
);

interface Life {
  budget: Budget;
  named: { atMs: number; limits: QuotaLimit[] }[];
  arrivals: { atMs: number; grantedMs: number }[];
}

/** Every few minutes somebody asks for some calls and makes them within a minute, or keeps what it got to itself. */
const live = (all: Worker[], seed: number): Life => {
  const random = randomOf(seed);
  const life: Life = { budget: newBudget(), named: [], arrivals: [] };
  for (let nowMs = 0, i = 0; nowMs < HOURS_MS; nowMs += Math.ceil(random() ** 3 * TEN_MINUTES_MS), i += 1) {
    const asking = all.filter(({ fromMs, toMs }) => fromMs <= nowMs && nowMs <= toMs);
    const worker = asking[Math.floor(random() * asking.length)];
    if (!worker) continue;
    const want = 1 + Math.floor(random() * 20);
    const lease = {
      leaseId: `lease-${i}`,
      dataflow: `flow-${i % 3}`,
      class: 'fresh',
      need: 1,
      settled: [],
    } as const;
    const { limits } = worker;
    const reduced = reduceBudget(life.budget, { ...lease, kind: 'lease', want, limits }, START_MS + nowMs);
    life.budget = reduced.state;
    life.named.push({ atMs: nowMs, limits });
    const answer: LeaseAnswer = reduced.answer;
    if (answer.kind === 'refused') continue;
    const spent = Math.floor(random() * (answer.permits + 1));
    const tookMs = Math.floor(random() * 60_000);
    for (let call = 0; call < spent; call += 1) {
      life.arrivals.push({ atMs: nowMs + Math.floor(random() * tookMs), grantedMs: nowMs });
    }
    if (random() < 0.2) continue;
    const settled = [{ leaseId: lease.leaseId, spent, unspent: answer.permits - spent }];
    life.budget = reduceBudget(life.budget, { kind: 'settle', settled }, START_MS + nowMs + tookMs).state;
    nowMs += tookMs;
  }
  return life;
};

/** What a limit forbids that was named before a call was granted, and not longer than ten minutes before it arrived. */
const excesses = ({ named, arrivals }: Life): string[] =>
  arrivals.flatMap(({ atMs, grantedMs }) =>
    named
      .filter((one) => one.atMs <= grantedMs && atMs - one.atMs <= TEN_MINUTES_MS)
      .flatMap(({ limits }) => limits)
      .filter(({ calls, windowMs }) => {
        const within = arrivals.filter((other) => other.atMs <= atMs && other.atMs > atMs - windowMs);
        return within.length > calls;
      })
      .map((broken) => `${limitName(broken)} at ${atMs}`),
  );

test('every limit holds from its first naming until ten minutes after its last, over all calls before it too', () => {
  fc.assert(
    fc.property(workers, fc.nat(), (all, seed) => {
      expect(excesses(live(all, seed))).toEqual([]);
    }),
    runs(150),
  );
});

test('ten minutes after the others are gone, only the limits of who asks hold', () => {
  fc.assert(
    fc.property(workers, fc.nat(), (all, seed) => {
      const { budget, named, arrivals } = live(all, seed);
      const lastMs = Math.max(0, ...named.map(({ atMs }) => atMs));
      const request = {
        leaseId: 'last',
        dataflow: 'flow-4',
        class: 'backfill',
        need: 1,
        want: 1,
        settled: [],
      } as const;
      const nowMs = Math.max(budget.nowMs, START_MS + lastMs) + TEN_MINUTES_MS + 1;
      const { state, answer } = reduceBudget(budget, { ...request, kind: 'lease', limits: LAX }, nowMs);
      expect(answer.kind).toBe('granted');
      const view = budgetView(state, nowMs);
      expect(view.limits.map(({ limit: name }) => name)).toEqual(['900000/1d']);
      expect(view.limits[0]!.spent).toBeGreaterThanOrEqual(arrivals.length);
    }),
    runs(100),
  );
});
