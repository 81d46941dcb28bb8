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
        knownSince: '2026-06-01T00:00:00.000Z',
        lastNamed: '2026-06-01T00:00:41.000Z',
        lapsesAt: '2026-06-01T00:10:41.000Z',
        usedUp: true,
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
        knownSince: '2026-06-01T00:00:00.000Z',
        lastNamed: '2026-06-01T00:00:41.000Z',
        lapsesAt: '2026-06-01T00:10:41.000Z',
        usedUp: false,
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

test('shows each limit: since when it is known, when it lapses, which is used up', () => {
  const budget = new Asking('20/1h');
  budget.spend(0, 20);
  budget.lease(120_000, { quota: '5000/1d' });
  budget.lease(300_000, { quota: '5000/1d' });
  const shown = (atMs: number) =>
    budgetView(budget.budget, START_MS + atMs).limits.map(
      ({ limit, knownSince, lastNamed, lapsesAt, usedUp, callsLeft }) =>
        `${limit}: ${callsLeft} left${usedUp ? ', used up' : ''}, ${[knownSince, lastNamed, lapsesAt].map((at) => at.slice(11, 19)).join(' ')}`,
    );
  expect(shown(300_000)).toEqual([
    '20/1h: 0 left, used up, 00:00:00 00:00:00 00:10:00',
    '5000/1d: 4980 left, 00:02:00 00:05:00 00:15:00',
  ]);
  expect(shown(600_001)).toEqual(['5000/1d: 4980 left, 00:02:00 00:05:00 00:15:00']);
  expect(shown(7_200_000)).toHaveLength(2);
});
