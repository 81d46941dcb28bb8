// A dataflow's figures for the report's tests: a small window of one ad account, and what a test wants otherwise.
import { addDays } from '../../src/dataflow/dates.js';
import { keyFiguresOf } from '../../src/dataflow/key-figures.js';
import type { ReportFacts } from '../../src/report/facts.js';
import type { DatasetFreshness } from '../../src/store/figures/freshness.js';
import type { RunFigures } from '../../src/store/figures/runs.js';

const none = { final: 0, provisional: 0, stale: 0, 'never read': 0 };
const TO = '2026-05-31';
const FROM = addDays(TO, -9);

/** Ten dates: five final, two provisional, two stale, one never read. */
export const freshness: DatasetFreshness = {
  dataset: { objectType: 'campaigns' },
  table: 'campaign_analytics',
  granularity: 'DAY',
  restateDays: 30,
  backfillDays: 10,
  dates: Array.from({ length: 10 }, (_, i) => ({
    date: addDays(FROM, i),
    period: { from: addDays(FROM, i), to: addDays(FROM, i) },
    finalOn: addDays(FROM, i + 32),
    accounts: { ...none, [i < 5 ? 'final' : i < 7 ? 'provisional' : i < 9 ? 'stale' : 'never read']: 1 },
  })),
};

export const figures = keyFiguresOf(['SPEND_IN_MICRO_DOLLAR', 'IMPRESSION_1', 'CLICKTHROUGH_1']);
export const window = { from: FROM, to: TO };

export const run: RunFigures = {
  adAccountId: '549755885175',
  status: 'partial success',
  startedAtMs: Date.parse('2026-05-31T10:00:00Z'),
  completedAtMs: Date.parse('2026-05-31T10:02:00Z'),
  window,
  inputRows: 1_200,
  outputRows: 1_198,
  rejectedRows: 2,
  calls: 300,
  restatedCells: 0,
  restatedRows: 0,
  errors: 3,
  firstError: 'Refused: ads 1',
};

/** What a dataflow has that nobody has run yet. */
export const emptyFacts: ReportFacts = {
  dataflow: 'acme-ads',
  store: '/data/store.duckdb',
  madeAtMs: Date.parse('2026-05-31T12:00:00Z'),
  quota: [{ calls: 1000, windowMs: 86_400_000 }],
  accounts: { count: 0, listed: [] },
  freshness: [],
  numbers: null,
  objects: null,
  breakdowns: [],
  reconciled: { accounts: 0, listed: [] },
  runs: { count: 0, listed: [], days: [] },
  rejected: { rows: 0, reasons: 0, listed: [] },
};

export const fullFacts: ReportFacts = {
  ...emptyFacts,
  accounts: { count: 1, listed: [{ id: '549755885175', name: 'Acme', currency: 'EUR', country: 'DE' }] },
  freshness: [freshness],
  numbers: {
    table: 'campaign_analytics',
    window,
    figures,
    currencies: [
      {
        currency: 'EUR',
        accounts: 1,
        dates: [
          { date: FROM, sums: [12.5, 1_000, 20] },
          { date: addDays(TO, -4), sums: [37.5, 3_000, 30] },
        ],
      },
    ],
    currenciesLeftOut: 0,
  },
  objects: {
    objectType: 'campaigns',
    window,
    figures,
    rankedBy: 0,
    ranked: [
      { id: '1', name: 'Spring', currency: 'EUR', sums: [30, 3_000, 30], count: 1 },
      { id: null, name: null, currency: null, sums: [20, 1_000, 20], count: 4 },
    ],
  },
  breakdowns: [
    {
      type: 'GENDER',
      table: 'campaign_targeting_analytics',
      window,
      figures,
      rankedBy: 0,
      values: [{ value: 'female', sums: [30, 3_000, 30] }],
      valuesLeftOut: 3,
    },
  ],
  reconciled: {
    accounts: 1,
    listed: [
      {
        completedAtMs: Date.parse('2026-05-31T11:00:00Z'),
        found: {
          status: 'differs',
          adAccountId: '549755885175',
          window,
          checks: [
            { objectType: 'campaigns', column: 'IMPRESSION_1', store: 4_000, pinterest: 4_000 },
            { objectType: 'campaigns', column: 'CLICKTHROUGH_1', store: 50, pinterest: 48 },
          ],
          differences: [
            {
              objectType: 'campaigns',
              id: '1',
              from: FROM,
              to: FROM,
              column: 'CLICKTHROUGH_1',
              store: 20,
              pinterest: 18,
              kind: 'wrong',
            },
          ],
          differencesNotListed: 11,
          notCompared: [{ column: 'CTR', why: 'a rate does not add up over days' }],
          apiCalls: 6,
        },
      },
    ],
  },
  runs: {
    count: 250,
    listed: [run],
    days: [
      {
        date: TO,
        runs: 1,
        calls: { analytics: 280, reports: 12, catalogue: 8, other: 0, retried: 4 },
        restatedCells: 40,
        restatedRows: 7,
        oldestChangedAge: 30,
      },
    ],
  },
  rejected: {
    rows: 2,
    reasons: 1,
    listed: [{ objectType: 'ads', target: null, reason: 'no number', rows: 2, lastAtMs: run.startedAtMs }],
  },
};
