// What the budget answers, case by case.
import type { LeaseAnswer } from '../../src/quota/budget/budget-state.js';
import { Asking, permitsOf, retryOf, START_MS } from './asking.js';
import { budgetView } from '../../src/quota/budget/budget-view.js';

const TIMING = { ttlMs: 10_000, requestTimeoutMs: 60_000, graceMs: 10_000 };

describe('what calls occupy', () => {
  test('a spent call counts until one window after its answer was reported', () => {
    const budget = new Asking('1/10s');
    expect(budget.lease(0, { leaseId: 'a' }).kind).toBe('granted');
    budget.settle(4_000, [{ leaseId: 'a', spent: 1, unspent: 0 }]);
    expect(budget.lease(14_000).kind).toBe('refused');
    expect(budget.lease(14_001).kind).toBe('granted');
  });

  test('what was not spent is free at once, also when its report comes late or twice', () => {
    const budget = new Asking('5/1d');
    expect(permitsOf(budget.lease(0, { leaseId: 'a', want: 5 }))).toBe(5);
    const report = [{ leaseId: 'a', spent: 1, unspent: 2 }];
    budget.settle(100_000, report);
    budget.settle(100_001, report);
    expect(permitsOf(budget.lease(100_002, { want: 5 }))).toBe(2);
    budget.settle(200_000, [{ leaseId: 'a', spent: 1, unspent: 4 }]);
    expect(permitsOf(budget.lease(200_001, { want: 5 }))).toBe(2);
  });

  test('what died in a crash counts from the last time at which it may have arrived', () => {
    const budget = new Asking('1/10s', TIMING);
    budget.lease(0);
    expect(budget.lease(80_000).kind).toBe('refused');
    expect(budget.lease(80_001).kind).toBe('granted');
  });

  test('several limits hold at once', () => {
    const budget = new Asking('4/1m,2/1s');
    expect([budget.spend(0, 5), budget.spend(1_001, 5), budget.spend(2_002, 5)]).toEqual([2, 2, 0]);
    expect(permitsOf(budget.lease(60_001, { want: 5 }))).toBe(2);
  });

  test('in a run that an earlier version began, the strictest limit of the last window holds', () => {
    const budget = new Asking('3/10s');
    budget.budget = { ...budget.budget, limitsHoldMs: undefined };
    expect(budget.spend(0, 9)).toBe(3);
    expect(permitsOf(budget.lease(9_999, { quota: '9/10s', want: 9 }))).toBe(0);
    expect(permitsOf(budget.lease(20_000, { quota: '9/10s', want: 9 }))).toBe(9);
  });

  test('a need beyond the limit is cut to it, so that the work can go on', () => {
    expect(permitsOf(new Asking('2/1s').lease(0, { need: 5 }))).toBe(2);
  });

  test('a clock that is set back frees nothing early', () => {
    const budget = new Asking('1/10s');
    budget.spend(60_000, 1);
    expect(retryOf(budget.lease(0))).toBeGreaterThanOrEqual(70_000);
  });
});

describe('where workers disagree', () => {
  const MINUTE_MS = 60_000;

  test('the strictest limit of those who asked in the last ten minutes holds', () => {
    const budget = new Asking('3/1m');
    expect(budget.spend(0, 9)).toBe(3);
    expect(budget.spend(10 * MINUTE_MS, 9, { quota: '9/1m' })).toBe(3);
    expect(budget.spend(20 * MINUTE_MS, 9, { quota: '9/1m' })).toBe(9);
  });

  test('a limit of another window lapses too, and calls already made count in the new one', () => {
    const budget = new Asking('20/1h');
    expect(budget.spend(0, 20)).toBe(20);
    const refused = budget.lease(MINUTE_MS, { quota: '5000/1d' });
    expect(retryOf(refused)).toBe(10 * MINUTE_MS + 1);
    expect(refused).toMatchObject({
      why: 'the quota 20/1h is used up or promised; the next call is free at 2026-06-01T00:10:01Z; 20/1h is known since 2026-06-01T00:00:00Z, was named last by another worker at 2026-06-01T00:00:00Z and lapses at 2026-06-01T00:10:00Z',
    });
    expect(budget.lease(10 * MINUTE_MS + 1, { quota: '5000/1d' }).kind).toBe('granted');
    expect(budgetView(budget.budget, START_MS + 10 * MINUTE_MS + 1)).toMatchObject({
      callsLeft: 5_000 - 21,
      limits: [{ limit: '5000/1d' }],
    });
  });

  test('a second worker that is as strict is not forgotten for a stricter one', () => {
    const budget = new Asking('5000/1h');
    budget.lease(0, { quota: '20/1h' });
    budget.lease(5 * MINUTE_MS, { quota: '50/1h' });
    budget.lease(11 * MINUTE_MS);
    expect(budgetView(budget.budget, START_MS + 11 * MINUTE_MS).limits[0]!.limit).toBe('50/1h');
    budget.lease(16 * MINUTE_MS);
    expect(budgetView(budget.budget, START_MS + 16 * MINUTE_MS).limits[0]!.limit).toBe('5000/1h');
  });

  test('calls are remembered for a day, whatever windows were named', () => {
    const budget = new Asking('30/10s');
    budget.spend(0, 25);
    budget.spend(23 * 60 * MINUTE_MS, 3);
    budget.lease(23.5 * 60 * MINUTE_MS, { quota: '1000/1d' });
    expect(budgetView(budget.budget, START_MS + 23.5 * 60 * MINUTE_MS).limits).toMatchObject([
      { limit: '1000/1d', spent: 28 },
    ]);
  });

  test('limits that nobody could mean are few at a time', () => {
    const budget = new Asking('1000/1d');
    for (let i = 1; i <= 500; i += 1) budget.spend(i, 1, { quota: `1000000/${i}s` });
    expect(permitsOf(budget.lease(1_000, { want: 2 }))).toBe(2);
    expect(JSON.stringify(budget.budget.limits).length).toBeLessThan(2_500);
  });
});

describe('who waits long', () => {
  const MINUTE_MS = 60_000;
  const askAgainOf = (answer: LeaseAnswer): number | undefined =>
    answer.kind === 'refused' && answer.askAgainAtMs !== undefined
      ? answer.askAgainAtMs - START_MS
      : undefined;

  test('asks again before its limits lapse, and keeps its place in line', () => {
    const budget = new Asking('1/1h');
    budget.spend(0, 1);
    let answer = budget.lease(1, { dataflow: 'first' });
    budget.lease(2, { dataflow: 'second' });
    expect(retryOf(answer)).toBe(60 * MINUTE_MS + 1);
    const { joinedTurn } = budget.budget.line[0]!;
    let atMs = 1;
    for (let next; (next = askAgainOf(answer)) !== undefined; atMs = next) {
      expect(next).toBeLessThan(atMs + 10 * MINUTE_MS);
      answer = budget.lease(next, { dataflow: 'first' });
      const places = budget.budget.line.filter(({ dataflow }) => dataflow === 'first');
      expect(places).toMatchObject([{ joinedTurn }]);
    }
    expect(atMs).toBeGreaterThan(50 * MINUTE_MS);
    expect(budget.lease(60 * MINUTE_MS + 1, { dataflow: 'second' }).kind).toBe('refused');
    expect(budget.lease(60 * MINUTE_MS + 2, { dataflow: 'first' }).kind).toBe('granted');
  });

  test('hears of a raised quota, and goes on', () => {
    const budget = new Asking('20/1h');
    budget.spend(0, 20);
    const atMs = askAgainOf(budget.lease(2_000))!;
    expect(atMs).toBeLessThan(10 * MINUTE_MS);
    // The worker was started anew meanwhile.
    const lapse = retryOf(budget.lease(atMs, { quota: '5000/1d' }));
    expect(lapse).toBe(2_000 + 10 * MINUTE_MS + 1);
    expect(budget.lease(lapse, { quota: '5000/1d' }).kind).toBe('granted');
  });

  test('for what Pinterest said asks again within an hour', () => {
    const budget = new Asking('30/10s');
    budget.hold(0, 20 * 60 * MINUTE_MS, 'Retry-After: 72000');
    expect(askAgainOf(budget.lease(1_000))).toBe(60 * MINUTE_MS + 1_000);
  });

  test('and is gone loses its place: others that passed it twice are not held up', () => {
    const budget = new Asking('3/1h');
    budget.spend(0, 2, { dataflow: 'other' });
    expect(budget.lease(1_000, { dataflow: 'gone', need: 3 }).kind).toBe('refused');
    let grants = 0;
    for (let minute = 10; minute < 40; minute += 1) {
      grants += budget.spend(minute * MINUTE_MS, 1, { dataflow: 'other', quota: '5000/1d' });
    }
    expect(grants).toBeGreaterThan(10);
  });

  test('those who joined at once do not all come back at once', () => {
    const budget = new Asking('1/1d');
    budget.spend(0, 1);
    const times = Array.from({ length: 20 }, (_, i) =>
      askAgainOf(budget.lease(1, { dataflow: `flow-${i}` }))!,
    );
    expect(new Set(times).size).toBe(10);
  });
});

describe('a retried request', () => {
  test('gets the permits it got before', () => {
    const budget = new Asking('5/10s');
    const first = budget.lease(0, { leaseId: 'a', want: 3 });
    expect(budget.lease(50, { leaseId: 'a', want: 3 })).toEqual(first);
    expect(budgetView(budget.budget, START_MS + 50).callsLeft).toBe(2);
  });

  test('is not refused again only because it was refused before', () => {
    const budget = new Asking('1/10s');
    budget.spend(0, 1);
    expect(budget.lease(5_000, { leaseId: 'b' }).kind).toBe('refused');
    expect(budget.lease(11_000, { leaseId: 'b' }).kind).toBe('granted');
  });
});

describe('what Pinterest says', () => {
  test('holds everyone back until then', () => {
    const budget = new Asking('30/10s');
    budget.hold(0, 90_000, 'HTTP 429, Retry-After: 90');
    const answer = budget.lease(1_000);
    expect(answer).toMatchObject({
      why: 'held back until 2026-06-01T00:01:30Z: HTTP 429, Retry-After: 90',
    });
    expect(retryOf(answer)).toBe(90_000);
    expect(budget.lease(90_000).kind).toBe('granted');
  });

  test('is not shortened by a later word, and never believed for more than a day', () => {
    const budget = new Asking('30/10s');
    budget.hold(0, 1e12, 'Retry-After: 1000000000');
    budget.hold(0, 5_000, 'Retry-After: 5');
    budget.hold(0, NaN, 'Retry-After: soon');
    expect(budget.lease(86_399_999).kind).toBe('refused');
    expect(budget.lease(86_400_000).kind).toBe('granted');
  });
});

describe('the line', () => {
  test('two hundred sleepers are told different times, no more at once than there are calls', () => {
    for (const nameOf of [(i: number) => `dataflow-${i}`, () => 'acme']) {
      const budget = new Asking('3/10s');
      budget.spend(0, 3);
      const times = Array.from({ length: 200 }, (_, i) => retryOf(budget.lease(i, { dataflow: nameOf(i) })));
      for (let i = 3; i < times.length; i += 1) {
        expect(times.toSorted((one, other) => one - other)[i]! - times[i - 3]!).toBeGreaterThanOrEqual(8_900);
      }
      expect(JSON.stringify(budget.budget).length).toBeLessThan(200_000);
    }
  });

  test('who needs one does not take what is kept for who needs three', () => {
    const budget = new Asking('3/10s');
    for (const atMs of [0, 1_000, 2_000]) budget.spend(atMs, 1);
    const atMs = retryOf(budget.lease(3_000, { dataflow: 'report', need: 3 }));
    expect(atMs).toBe(12_001);
    for (const tryMs of [10_500, 11_500, 12_500]) {
      expect(budget.lease(tryMs, { dataflow: `single-${tryMs}` }).kind).toBe('refused');
    }
    expect(permitsOf(budget.lease(13_000, { dataflow: 'report', need: 3 }))).toBe(3);
  });

  test('a place that nobody comes back for is given away after its time of grace', () => {
    const budget = new Asking('1/1m');
    budget.spend(0, 1);
    const atMs = retryOf(budget.lease(1, { dataflow: 'gone' }));
    expect(budget.lease(atMs + 10_000, { dataflow: 'other' }).kind).toBe('refused');
    expect(budget.lease(atMs + 10_001, { dataflow: 'third' }).kind).toBe('granted');
  });

  test('fresh cells go before the backfill', () => {
    const budget = new Asking('1/10s');
    budget.spend(0, 1);
    const backfill = retryOf(budget.lease(1, { dataflow: 'history' }));
    const fresh = retryOf(budget.lease(2, { dataflow: 'daily', class: 'fresh' }));
    expect(fresh).toBe(backfill);
    expect(budget.lease(backfill, { dataflow: 'history' }).kind).toBe('refused');
    expect(budget.lease(fresh, { dataflow: 'daily', class: 'fresh' }).kind).toBe('granted');
  });
});

test('a day of a thousand calls by fifty dataflows with long names fits into a small state', () => {
  const budget = new Asking('1000/1d,60/1m');
  for (let i = 0; i < 1_000; i += 1) {
    const dataflow = `a-dataflow-with-quite-a-long-name-${i % 50}`;
    expect(budget.spend(i * 1_500, 1, { dataflow, leaseId: `0190b8c0-7d6e-7000-8000-${i}` })).toBe(1);
  }
  for (let i = 0; i < 200; i += 1) {
    const dataflow = `a-dataflow-with-quite-a-long-name-${i % 50}`;
    budget.lease(1_500_000 + i, { dataflow, leaseId: `0190b8c0-7d6e-7000-9000-${i}` });
  }
  expect(JSON.stringify(budget.budget).length).toBeLessThan(100_000);
});

test('a budget of a hundred thousand calls keeps its state small and no call stops counting early', () => {
  const budget = new Asking('100000/1d');
  let spent = 0;
  for (let i = 0; i < 5_000; i += 1) spent += budget.spend(i * 10_000, 20, { dataflow: `dataflow-${i % 7}` });
  expect(spent).toBe(100_000);
  expect(JSON.stringify(budget.budget).length).toBeLessThan(100_000);
  expect(budget.lease(86_400_000).kind).toBe('refused');
  const view = budgetView(budget.budget, START_MS + 86_400_000 + 25_000_000);
  expect(view.limits[0]!.callsLeft).toBeLessThanOrEqual(50_020);
  expect(view.limits[0]!.callsLeft).toBeGreaterThanOrEqual(48_000);
});
