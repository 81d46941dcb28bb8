// Reports: from the request to the rows in storage.
import type { Row } from '../../simulator/truth/row.js';
import { ACCOUNT, NOW, call, exact, post, query, readyReport, withSimulator } from './call.js';

const body = {
  start_date: '2026-03-01',
  end_date: '2026-05-31',
  granularity: 'DAY',
  level: 'PIN_PROMOTION',
  columns: ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_CONVERSIONS_QUANTITY', 'CTR', 'CAMPAIGN_ID'],
};
type Download = Record<string, Record<string, unknown>[]>;

const download = async (url: string): Promise<Download> => JSON.parse(exact(await (await fetch(url)).text()));
const asWired = ({ id, date, values }: Row) => [id, { AD_ID: id, DATE: date, ...values }] as const;

test('a download holds the rows of the truth, to the last digit of every id', () =>
  withSimulator({}, async (simulator) => {
    const truth = simulator.generator.rows({
      accountId: '549755885175',
      objectType: 'ads',
      from: body.start_date,
      to: body.end_date,
      columns: body.columns,
      granularity: 'DAY',
      now: NOW,
    });
    const found = await download(await readyReport(simulator, body));
    const rows = Object.entries(found).flatMap(([id, group]) => group.map((row) => [id, row] as const));
    expect(rows.length).toBeGreaterThan(5000);
    expect(rows).toEqual(truth.map(asWired));
  }));

test('a report is told by every level and filtered by ids of any', () =>
  withSimulator({}, async (simulator) => {
    const { ads } = simulator.generator.objects('549755885175');
    const campaign = ads.find(({ status }) => status === 'ACTIVE')!.campaign_id;
    const filtered = await download(await readyReport(simulator, { ...body, campaign_ids: [campaign] }));
    const children = new Set(ads.filter((ad) => ad.campaign_id === campaign).map(({ id }) => id));
    expect(Object.keys(filtered).length).toBeGreaterThan(1);
    expect(Object.keys(filtered).every((id) => children.has(id))).toBe(true);
    const total = { ...body, granularity: 'TOTAL' };
    const account = await download(await readyReport(simulator, { ...total, level: 'ADVERTISER' }));
    expect(Object.keys(account)).toEqual(['549755885175']);
    const campaigns = await download(await readyReport(simulator, { ...total, level: 'CAMPAIGN' }));
    expect(Object.keys(campaigns)).toContain(campaign);
  }));

test('a report without any activity is an empty object', () =>
  withSimulator({}, async (simulator) => {
    const future = { ...body, start_date: '2026-06-01', end_date: '2026-06-02' };
    expect(await download(await readyReport(simulator, future))).toEqual({});
  }));

test('a report is in progress, sometimes without saying so, until the n-th poll', () =>
  withSimulator({ reportPollsUntilReady: 4 }, async (simulator) => {
    const firstPolls = new Set();
    for (let i = 0; i < 8; i += 1) {
      const { token } = (await post(simulator, `${ACCOUNT}/reports`, body)).json();
      const statuses = [];
      for (let poll = 0; poll < 4; poll += 1)
        statuses.push(
          (await call(simulator, `${ACCOUNT}/reports${query({ token })}`)).json()['report_status'],
        );
      firstPolls.add(statuses.shift());
      expect(statuses).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'FINISHED']);
    }
    expect(firstPolls).toEqual(new Set([null, 'IN_PROGRESS']));
  }));

test('a report expires, its URL sooner, and an unknown token is no report', () =>
  withSimulator({ downloadUrlLifetimeMs: 30 }, async (simulator) => {
    const { token } = (await post(simulator, `${ACCOUNT}/reports`, body)).json();
    const poll = async () => (await call(simulator, `${ACCOUNT}/reports${query({ token })}`)).json();
    await poll();
    const { url } = await poll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(String(url))).status).toBe(403);
    expect((await poll())['url']).not.toBe(url);
    simulator.settings.reportLifetimeMs = 1;
    expect(await poll()).toEqual({ report_status: 'EXPIRED', url: null, size: null });
    const other = (await call(simulator, `${ACCOUNT}/reports${query({ token: 'x' })}`)).json();
    expect(other['report_status']).toBe('DOES_NOT_EXIST');
  }));

test('storage refuses a request that carries the token, and the log flags it', () =>
  withSimulator({}, async (simulator) => {
    const url = await readyReport(simulator, body);
    const leak = await call(simulator, url);
    expect(leak.status).toBe(400);
    expect(simulator.log.at(-1)).toMatchObject({ route: 'download', authorization: true, status: 400 });
    expect(simulator.log.at(-1)?.flagged).toBeDefined();
    expect((await fetch(url)).status).toBe(200);
    expect(simulator.log.filter(({ flagged }) => flagged)).toHaveLength(1);
    expect((await fetch(url.replace(/sig=.*/, 'sig=0'))).status).toBe(403);
  }));

test('a report reads the truth as of its creation', () =>
  withSimulator({}, async (simulator) => {
    const url = await readyReport(simulator, body);
    const before = await download(url);
    simulator.settings.now = () => NOW + 20 * 86_400_000;
    expect(await download(url)).toEqual(before);
    expect(await download(await readyReport(simulator, body))).not.toEqual(before);
  }));
