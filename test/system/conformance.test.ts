// Every request of the connector, and every answer it gets, against Pinterest's own OpenAPI description.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { Harness, specOf } from '../support/harness.js';
import { described, validators } from '../support/openapi.js';

described('requests as the OpenAPI description has them', () => {
  let harness: Harness;
  beforeAll(async () => {
    const simulator = { middleware: validators(), idsAsNumbers: false, nullReportStatus: false };
    harness = await Harness.start({ simulator });
  });
  afterAll(() => harness.close());

  const all = (...types: string[]) => types.map((type) => ({ type, ids: 'all' }));
  const ads = { type: 'ads', names: ['*1*'] };
  const window = { from: addDays(dateOf(Date.now()), -40), to: addDays(dateOf(Date.now()), -38) };

  const specs: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['a backfill of everything by reports', { objects: all('campaigns', 'ad_groups', 'ads') }, {}],
    ['analytics of days', { objects: all('campaigns', 'ad_groups', 'ads'), backfillDays: 30 }, {}],
    ['hours', { objects: all('campaigns'), granularity: 'HOUR' }, {}],
    ['weeks, spelled WEEKLY', { objects: [ads], granularity: 'WEEKLY', backfillDays: 60 }, {}],
    ['months', { objects: all('ad_groups'), granularity: 'MONTH' }, {}],
    ['a total', { objects: all('campaigns'), granularity: 'TOTAL', backfillDays: 100 }, {}],
    ['columns that only reports have', { columns: ['TOTAL_CONVERSIONS_QUANTITY'], backfillDays: 10 }, {}],
    [
      'other attribution',
      {
        backfillDays: 10,
        attribution: { clickWindowDays: 7, viewWindowDays: 0, conversionReportTime: 'TIME_OF_CONVERSION' },
      },
      {},
    ],
    ['the limits of 2023', { api: 'v5-2023', backfillDays: 80 }, {}],
    ['a window on demand', {}, { window }],
    ['the ad account by reports', { objects: [{ type: 'ad_accounts' }] }, {}],
    [
      'every level by breakdowns',
      {
        objects: [
          { type: 'ad_accounts', breakdowns: ['COUNTRY'] },
          { type: 'campaigns', ids: 'all', breakdowns: ['CREATIVE_TYPE'] },
          { type: 'ad_groups', ids: 'all', breakdowns: ['GENDER'] },
          { type: 'ads', names: ['*1*'], breakdowns: ['QUIZ_RESULT'] },
        ],
        backfillDays: 10,
      },
      {},
    ],
  ];

  test.each(specs)('%s', async (name, source, rest) => {
    const run = await harness.run({ ...specOf(source, rest), name: name.replaceAll(/[^a-z0-9]/g, '-') });
    expect(run.statusSummary).toEqual({ status: 'success', errors: [] });
    expect(run.recordSummary.outputRecordCount).toBeGreaterThan(0);
    expect(harness.simulator.log.filter(({ status }) => status >= 400)).toEqual([]);
  });
});
