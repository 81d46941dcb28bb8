// The query `budget`: what a person reads who asks where the calls went.
import { budgetView } from '../../src/quota/budget/budget-view.js';
import { Asking, START_MS } from './asking.js';

test('says what is left, who spent it, who waits, and until when', () => {
  const budget = new Asking('1000/1d,6/1m');
  budget.spend(0, 3, { dataflow: 'acme-ads' });
  budget.spend(30_000, 2, { dataflow: 'other-ads', class: 'fresh' });
  budget.lease(40_000, { dataflow: 'acme-ads', need: 1 });
  budget.lease(41_000, { dataflow: 'other-ads', class: 'fresh', need: 2 });
  budget.hold(45_000, 50_000, 'HTTP 429, Retry-After: 5');
  budget.misfit(45_500, 'hold: why is left out');
  expect(budgetView(budget.budget, START_MS + 46_000)).toEqual({
    asOf: '2026-06-01T00:00:46.000Z',
    callsLeft: 0,
    heldBack: { until: '2026-06-01T00:00:50.000Z', why: 'HTTP 429, Retry-After: 5' },
    limits: [
      {
        limit: '6/1m',
        callsLeft: 0,
        spent: 5,
        leased: 1,
        nextFree: [
          { at: '2026-06-01T00:01:00.001Z', calls: 3 },
          { at: '2026-06-01T00:01:30.001Z', calls: 2 },
          { at: '2026-06-01T00:01:46.001Z', calls: 1 },
        ],
        allFreeAt: '2026-06-01T00:01:46.001Z',
      },
      {
        limit: '1000/1d',
        callsLeft: 994,
        spent: 5,
        leased: 1,
        nextFree: [
          { at: '2026-06-02T00:00:00.001Z', calls: 3 },
          { at: '2026-06-02T00:00:30.001Z', calls: 2 },
          { at: '2026-06-02T00:00:46.001Z', calls: 1 },
        ],
        allFreeAt: '2026-06-02T00:00:46.001Z',
      },
    ],
    dataflows: [
      { dataflow: 'acme-ads', spent: { '6/1m': 3, '1000/1d': 3 }, leased: 1 },
      { dataflow: 'other-ads', spent: { '6/1m': 2, '1000/1d': 2 }, leased: 0 },
    ],
    ignored: { signals: 1, last: { at: '2026-06-01T00:00:45.500Z', why: 'hold: why is left out' } },
    waiting: [
      {
        dataflow: 'other-ads',
        class: 'fresh',
        needs: 2,
        since: '2026-06-01T00:00:41.000Z',
        until: '2026-06-01T00:01:00.001Z',
      },
    ],
  });
});
