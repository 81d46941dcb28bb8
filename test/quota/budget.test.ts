// What the budget answers, case by case.
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

  test('where workers disagree the strictest limit of the last window holds', () => {
    const budget = new Asking('3/10s');
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
      why: 'held back until 2026-06-01T00:01:30.000Z: HTTP 429, Retry-After: 90',
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
