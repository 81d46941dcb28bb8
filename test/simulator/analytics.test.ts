// Analytics: the guardrails to the day, ids as they come, and what happens to strangers.
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { ACCOUNT, NOW, call, post, query, withSimulator } from './call.js';

type Given = Record<string, string | number | string[]>;
const asked = {
  start_date: '2026-05-01',
  end_date: '2026-05-31',
  granularity: 'DAY',
  columns: 'SPEND_IN_MICRO_DOLLAR,TOTAL_CHECKOUT',
};
const adIds = ({ generator }: Simulator) => generator.objects('549755885175').ads.map(({ id }) => id);
const analytics = (simulator: Simulator, given: Given = {}) =>
  call(
    simulator,
    `${ACCOUNT}/ads/analytics${query({ ...asked, ad_ids: adIds(simulator).slice(0, 100), ...given })}`,
  );

test('rows are those of the truth, ids exact whether number or string', () =>
  withSimulator({}, async (simulator) => {
    const ids = adIds(simulator).slice(0, 100);
    const truth = simulator.generator.rows({
      accountId: '549755885175',
      objectType: 'ads',
      from: asked.start_date,
      to: asked.end_date,
      columns: asked.columns.split(','),
      granularity: 'DAY',
      now: NOW,
      ids: new Set(ids),
    });
    const answer = await analytics(simulator);
    expect(answer.json()).toEqual(
      truth.map(({ id, date, values }) => ({ AD_ID: id, DATE: date, ...values })),
    );
    expect(answer.text).toMatch(/"AD_ID":"\d{17}"/);
    expect(answer.text).toMatch(/"AD_ID":\d{17},/);
  }));

test.each([
  ['current', 'DAY', '2026-03-02', '2026-05-31', 200],
  ['current', 'DAY', '2026-03-01', '2026-05-01', 400],
  ['v5-2023', 'DAY', '2025-11-26', '2026-05-31', 200],
  ['v5-2023', 'DAY', '2025-11-25', '2026-05-31', 400],
  ['v5-2023', 'DAY', '2023-11-29', '2023-12-31', 200],
  ['v5-2023', 'DAY', '2023-11-28', '2023-12-31', 400],
  ['current', 'HOUR', '2026-05-23', '2026-05-26', 200],
  ['current', 'HOUR', '2026-05-22', '2026-05-23', 400],
  ['current', 'HOUR', '2026-05-25', '2026-05-29', 400],
  ['current', 'DAY', '2026-05-02', '2026-05-01', 400],
] as const)('%s %s from %s to %s answers %i', (profile, granularity, start_date, end_date, status) =>
  withSimulator({ profile }, async (simulator) => {
    expect((await analytics(simulator, { granularity, start_date, end_date })).status).toBe(status);
  }),
);

test('the refusal of old dates is worded as the live one', () =>
  withSimulator({}, async (simulator) => {
    const { text } = await analytics(simulator, { start_date: '2026-01-01', end_date: '2026-01-02' });
    expect(JSON.parse(text)).toMatchObject({
      code: 1,
      message: 'You can only get data from the last 90 days',
    });
  }));

test('reports reach back 914 days and over 186, in either profile', () =>
  withSimulator({}, async (simulator) => {
    const body = { granularity: 'DAY', level: 'CAMPAIGN', columns: ['CTR'] };
    const statusOf = async (start_date: string, end_date: string) =>
      (await post(simulator, `${ACCOUNT}/reports`, { ...body, start_date, end_date })).status;
    expect(await statusOf('2025-11-26', '2026-05-31')).toBe(200);
    expect(await statusOf('2025-11-25', '2026-05-31')).toBe(400);
    expect(await statusOf('2023-11-29', '2023-11-30')).toBe(200);
    expect(await statusOf('2023-11-28', '2023-11-30')).toBe(400);
  }));

test('250 ids a call today, 100 in 2023', async () => {
  const simulator = await startSimulator({ now: () => NOW });
  const ids = adIds(simulator);
  expect((await analytics(simulator, { ad_ids: ids.slice(0, 250) })).status).toBe(200);
  simulator.settings.profile = 'v5-2023';
  expect((await analytics(simulator, { ad_ids: ids.slice(0, 101) })).status).toBe(400);
  expect((await analytics(simulator, { ad_ids: ids.slice(0, 100) })).status).toBe(200);
  await simulator.close();
});

test('unknown ids are left out, or refused where that is set', () =>
  withSimulator({}, async (simulator) => {
    const ad_ids = [adIds(simulator)[0]!, '123'];
    expect((await analytics(simulator, { ad_ids })).status).toBe(200);
    simulator.settings.unknownIds = 'refuse';
    expect((await analytics(simulator, { ad_ids })).status).toBe(404);
  }));

test('attribution windows change the numbers', () =>
  withSimulator({}, async (simulator) => {
    const byDefault = await analytics(simulator);
    expect((await analytics(simulator, { view_window_days: 1 })).text).toBe(byDefault.text);
    expect((await analytics(simulator, { view_window_days: 30 })).text).not.toBe(byDefault.text);
    expect((await analytics(simulator, { conversion_report_time: 'TIME_OF_CONVERSION' })).text).not.toBe(
      byDefault.text,
    );
  }));
