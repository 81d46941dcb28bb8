// What a spec may read of an ad account: its objects, itself, and each of them by Pinterest's targeting types.
import { datasetsOf } from '../../src/dataflow/need.js';
import { factsOf, LEVELS } from '../../src/dataflow/object-types.js';
import { apiSpec, described } from '../support/openapi.js';
import { minimal, parse, problemsOf } from './specs.js';
import { readFileSync } from 'node:fs';

const of = (...objects: object[]): object => minimal({ objects });

test('the ad account itself is wanted without ids, and takes neither ids nor names', () => {
  expect(datasetsOf(parse(of({ type: 'ad_accounts' })))).toEqual([{ objectType: 'ad_accounts' }]);
  const message = 'the ad account itself has no objects to choose from: leave this out';
  expect(problemsOf(of({ type: 'ad_accounts', ids: 'all' }))).toEqual({ 'source.objects[0].ids': message });
  expect(problemsOf(of({ type: 'ad_accounts', names: ['Acme'] }))).toEqual({
    'source.objects[0].names': message,
  });
});

test('each breakdown of an entry is one more thing to read, once however often it is named', () => {
  const spec = parse(
    of(
      { type: 'campaigns', ids: 'all', breakdowns: ['AGE_BUCKET', 'GENDER', 'GENDER'] },
      { type: 'campaigns', ids: ['1'], breakdowns: ['GENDER'] },
      { type: 'ad_accounts', breakdowns: ['COUNTRY'] },
    ),
  );
  expect(datasetsOf(spec)).toEqual([
    { objectType: 'campaigns' },
    { objectType: 'campaigns', breakdown: 'AGE_BUCKET' },
    { objectType: 'campaigns', breakdown: 'GENDER' },
    { objectType: 'ad_accounts' },
    { objectType: 'ad_accounts', breakdown: 'COUNTRY' },
  ]);
});

test.each([
  ['campaigns', 'AGE_BUKET', /"AGE_BUKET" is not a targeting type .* campaigns .*AGE_BUCKET/],
  ['campaigns', 'QUIZ_RESULT', /"QUIZ_RESULT" is not .* Pinterest has it for ads\./],
  ['ads', 'CREATIVE_TYPE', /"CREATIVE_TYPE" is not .* Pinterest has it for campaigns\./],
  ['ad_groups', 'age_bucket', /"age_bucket" is not .*AGE_BUCKET/],
])('%s by %s are refused, with what there is', (type, breakdown, message) => {
  const problems = problemsOf(of({ type, ids: 'all', breakdowns: ['GENDER', breakdown] }));
  expect(problems['source.objects[0].breakdowns[1]']).toMatch(message);
});

test('an empty list, a long one and what is none are refused', () => {
  const problem = (breakdowns: unknown) =>
    problemsOf(of({ type: 'ads', ids: 'all', breakdowns }))['source.objects[0].breakdowns'];
  expect(problem([])).toMatch(/at least one targeting type/);
  expect(problemsOf(of({ type: 'ads', ids: 'all', breakdowns: [7] }))).toEqual({
    'source.objects[0].breakdowns[0]': 'must be a targeting type',
  });
  expect(problem('GENDER')).toMatch(/must be a list of targeting types/);
  expect(problem(Array(1_000).fill('GENDER'))).toMatch(/holds 1000 targeting types/);
});

describe('breakdowns reach as far back as the analytics endpoints', () => {
  const broken = (source: object = {}, more: object = {}): object =>
    minimal({ objects: [{ type: 'ads', ids: 'all', breakdowns: ['GENDER'] }], ...source }, more);

  test('which is what they go back unless told', () => {
    expect(parse(broken()).source.backfillDays).toBe(90);
    expect(parse(broken({ api: 'v5-2023' })).source.backfillDays).toBe(186);
    expect(parse(broken({ granularity: 'HOUR' })).source.backfillDays).toBe(8);
    // A spec with its defaults filled in is taken again.
    expect(problemsOf(parse(broken()))).toEqual({});
  });

  test('further is refused, with the way out', () => {
    expect(problemsOf(broken({ backfillDays: 91 }))['source.backfillDays']).toBe(
      '91 is too many: Pinterest lets DAY numbers by breakdowns be read 90 days back, today included (profile "current"). Use 90 or less.',
    );
    const window = { from: '2026-01-01', to: '2026-01-31' };
    expect(problemsOf(broken({}, { window }))['window.from']).toMatch(
      /by breakdowns .* The earliest date is/,
    );
  });

  test('a column that only reports have is refused by its name', () => {
    expect(problemsOf(broken({ columns: ['CTR', 'CAMPAIGN_STATUS'] }))['source.columns[1]']).toMatch(
      /^CAMPAIGN_STATUS can be read from reports only, which break nothing down\. Read breakdowns with a dataflow of their own/,
    );
  });
});

described('the targeting types of each level', () => {
  test('are those of the OpenAPI description', () => {
    const { schemas } = JSON.parse(readFileSync(apiSpec, 'utf8')).components;
    const names = {
      ad_accounts: 'AdsAnalyticsTargetingType',
      campaigns: 'AdsAnalyticsCampaignTargetingType',
      ad_groups: 'AdsAnalyticsAdGroupTargetingType',
      ads: 'AdsAnalyticsAdTargetingType',
    };
    for (const level of LEVELS)
      expect(new Set(factsOf(level).breakdowns)).toEqual(new Set(schemas[names[level]].enum));
  });
});
