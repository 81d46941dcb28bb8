// The simulator against the API's own OpenAPI description, where a copy of that is at hand.
import { readFileSync } from 'node:fs';
import { ANALYTICS_COLUMNS, REPORT_COLUMNS } from '../../openapi/reporting-columns.js';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { apiSpec, described, validators } from '../support/openapi.js';
import { ACCOUNT, NOW, call, post, query } from './call.js';

const contractual = { now: () => NOW, idsAsNumbers: false, nullReportStatus: false };

const dates = { start_date: '2026-05-01', end_date: '2026-05-07' };
const columns = 'SPEND_IN_MICRO_DOLLAR,TOTAL_CONVERSIONS,CAMPAIGN_ID';
const asked = { ...dates, granularity: 'DAY', columns };
const body = { ...dates, granularity: 'DAY', columns: ['SPEND_IN_MICRO_DOLLAR'], level: 'PIN_PROMOTION' };
const ID_NAMES = { campaigns: 'campaign_ids', ad_groups: 'ad_group_ids', ads: 'ad_ids' } as const;
const TYPES = ['campaigns', 'ad_groups', 'ads'] as const;
const idsOf = ({ generator }: Simulator, type: keyof typeof ID_NAMES) =>
  generator.objects('549755885175')[type].map(({ id }) => id);

const validPaths = (simulator: Simulator): string[] => [
  '/user_account',
  `/ad_accounts${query({ page_size: 5, include_shared_accounts: 'false' })}`,
  ACCOUNT,
  `/resources/metrics_ready_state${query({ date: '2026-05-30' })}`,
  '/resources/delivery_metrics',
  `/resources/delivery_metrics${query({ report_type: 'ASYNC' })}`,
  `${ACCOUNT}/analytics${query(asked)}`,
  `${ACCOUNT}/analytics${query({ ...asked, granularity: 'TOTAL', view_window_days: 30 })}`,
  `${ACCOUNT}/targeting_analytics${query({ ...asked, targeting_types: 'GENDER,KEYWORD' })}`,
  ...TYPES.flatMap((type) => {
    const ids = { [ID_NAMES[type]]: idsOf(simulator, type).slice(0, 20) };
    return [
      `${ACCOUNT}/${type}`,
      `${ACCOUNT}/${type}${query({ ...ids, page_size: 250, entity_statuses: ['ARCHIVED', 'DRAFT'], order: 'DESCENDING' })}`,
      `${ACCOUNT}/${type}/analytics${query({ ...asked, ...ids, conversion_report_time: 'TIME_OF_CONVERSION' })}`,
      `${ACCOUNT}/${type}/analytics${query({ ...asked, ...ids, granularity: 'HOUR', start_date: '2026-05-29', end_date: '2026-05-31' })}`,
      `${ACCOUNT}/${type}/targeting_analytics${query({ ...asked, ...ids, targeting_types: 'AGE_BUCKET' })}`,
    ];
  }),
];

const invalidPaths = (simulator: Simulator): string[] => {
  const ids = { ad_ids: idsOf(simulator, 'ads').slice(0, 2) };
  const many = Array.from({ length: 251 }, (_, i) => String(i + 1));
  const { columns: _columns, ...withoutColumns } = asked;
  return [
    `${ACCOUNT}/ads${query({ page_size: 251 })}`,
    `${ACCOUNT}/ads${query({ page_size: 0 })}`,
    `${ACCOUNT}/ads${query({ entity_statuses: 'ACTIVE,PAUSED' })}`,
    `${ACCOUNT}/campaigns${query({ entity_statuses: 'GONE' })}`,
    `${ACCOUNT}/campaigns${query({ campaign_ids: '1,2' })}`,
    `${ACCOUNT}/campaigns${query({ updated_since: 1 })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ad_ids: many })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ad_ids: ids.ad_ids.join(',') })}`,
    `${ACCOUNT}/ads/analytics${query({ ...withoutColumns, ...ids })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ...ids, columns: 'SPEND' })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ...ids, columns: 'TOTAL_CONVERSIONS_QUANTITY' })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ...ids, granularity: 'WEEKLY' })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ...ids, start_date: '2026-02-30' })}`,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ...ids, click_window_days: 2 })}`,
    `${ACCOUNT}/campaigns/analytics${query(asked)}`,
    `/ad_accounts/acme/campaigns`,
    `${ACCOUNT}/reports`,
    `/resources/metrics_ready_state${query({ date: '30.05.2026' })}`,
  ];
};
const invalidBodies: object[] = [
  { ...body, level: 'AD' },
  { ...body, columns: ['QUIZ_PIN_RESULT_OPEN'] },
  { ...body, granularity: 'DAILY' },
  { ...body, ad_ids: Array.from({ length: 501 }, (_, i) => String(i + 1)) },
  { ...body, view_window_days: 3 },
  { ...body, start_date: '1 May 2026' },
  { level: 'PIN_PROMOTION' },
];

described('with the contract watching', () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator({ ...contractual, middleware: validators() });
  });
  afterAll(() => simulator.close());

  test('the columns are those of the contract', () => {
    const { components } = JSON.parse(readFileSync(apiSpec, 'utf8'));
    expect(new Set(ANALYTICS_COLUMNS)).toEqual(
      new Set(components.parameters.query_columns.schema.items.enum),
    );
    expect(new Set(REPORT_COLUMNS)).toEqual(new Set(components.schemas.ReportingColumnAsync.enum));
    expect([ANALYTICS_COLUMNS.length, REPORT_COLUMNS.length]).toEqual([175, 613]);
  });

  test('every endpoint answers valid requests with what the contract promises', async () => {
    const answers = [];
    for (const path of validPaths(simulator)) answers.push([path, await call(simulator, path)] as const);
    const refused = answers.filter(([, { status }]) => status !== 200);
    expect(refused.map(([path, { text }]) => `${path} → ${text}`)).toEqual([]);
  });

  test('a report is created, polled and finished as the contract has it', async () => {
    const created = await post(simulator, `${ACCOUNT}/reports`, {
      ...body,
      ad_ids: idsOf(simulator, 'ads').slice(0, 500),
    });
    const { token } = created.json();
    const polls = [1, 2].map(() => call(simulator, `${ACCOUNT}/reports${query({ token })}`));
    const answers = [created, ...(await Promise.all(polls))];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map((answer) => answer.json()['report_status'])).toContain('FINISHED');
  });

  test('a token is given as the contract has it', async () => {
    const answer = await call(simulator, '/oauth/token', {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('simulator-app:simulator-secret')}` },
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'simulator-refresh-token' }),
    });
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"refresh_token":')]);
  });

  test('the contract refuses what the simulator would refuse', async () => {
    for (const path of invalidPaths(simulator)) {
      const { status, text } = await call(simulator, path);
      expect([path, status, text]).toEqual([path, 400, expect.stringContaining('"code":1')]);
    }
    for (const invalid of invalidBodies)
      expect((await post(simulator, `${ACCOUNT}/reports`, invalid)).status).toBe(400);
  });

  test('the validator is awake: it words refusals its own way and stops answers that break the contract', async () => {
    const path = `${ACCOUNT}/ads/analytics${query({ ...asked, ad_ids: idsOf(simulator, 'ads').slice(0, 50) })}`;
    const refusal = await call(simulator, `${ACCOUNT}/ads${query({ page_size: 251 })}`);
    expect(refusal.text).toContain('request/query/page_size must be <= 250');
    simulator.settings.idsAsNumbers = true;
    const broken = await call(simulator, path);
    simulator.settings.idsAsNumbers = false;
    expect([broken.status, broken.text]).toEqual([500, expect.stringContaining('AD_ID must be string')]);
  });
});

test('the simulator refuses by itself what the contract forbids', async () => {
  const simulator = await startSimulator(contractual);
  try {
    for (const path of invalidPaths(simulator)) {
      const { status, text } = await call(simulator, path);
      expect([path, status, text]).toEqual([path, 400, expect.stringContaining('"code":1')]);
    }
    for (const invalid of invalidBodies)
      expect((await post(simulator, `${ACCOUNT}/reports`, invalid)).status).toBe(400);
    for (const path of validPaths(simulator)) expect((await call(simulator, path)).status).toBe(200);
  } finally {
    await simulator.close();
  }
});
