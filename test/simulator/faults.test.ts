// Everything that can be made to go wrong, as a client sees it.
import type { FaultRule } from '../../simulator/wire/faults.js';
import { FOREIGN_ID, type Malformation } from '../../simulator/wire/malformed.js';
import type { Simulator } from '../../simulator/server.js';
import { ACCOUNT, call, post, query, readyReport, withSimulator } from './call.js';

const analyticsPath = `${ACCOUNT}/analytics${query({
  start_date: '2026-05-01',
  end_date: '2026-05-31',
  granularity: 'DAY',
  columns: 'SPEND_IN_MICRO_DOLLAR',
})}`;
const report = {
  start_date: '2026-05-01',
  end_date: '2026-05-31',
  granularity: 'DAY',
  level: 'CAMPAIGN',
  columns: ['SPEND_IN_MICRO_DOLLAR'],
};
const underFaults = (faults: FaultRule[], work: (simulator: Simulator) => Promise<void>) =>
  withSimulator({ faults, idsAsNumbers: false }, work);

test.each([
  ['rate-limit', 429, '"code":8', '7'],
  ['server-error', 500, 'message', null],
  ['unavailable', 503, 'message', null],
  ['bad-gateway', 502, '<html>', null],
  ['html', 200, '<html>', null],
  ['refuse', 400, 'from the last 90 days', null],
  ['empty', 200, '', null],
  ['transient-400', 400, '"code":12', null],
  ['retry-after-400', 400, 'Retry after 7 seconds', null],
] as const)('%s answers %i', (effect, status, text, retryAfter) =>
  underFaults([{ effect, times: 1, retryAfterSeconds: 7 }], async (simulator) => {
    const answer = await call(simulator, analyticsPath);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
    expect((await call(simulator, analyticsPath)).status).toBe(200);
    expect(simulator.log.map(({ faults }) => faults)).toEqual([[effect], []]);
  }),
);

test('a reset connection and a broken body are errors to the client', () =>
  underFaults(
    [
      { effect: 'reset', times: 1 },
      { effect: 'truncate', times: 1 },
    ],
    async (simulator) => {
      await expect(call(simulator, analyticsPath)).rejects.toThrow('fetch failed');
      await expect(call(simulator, analyticsPath)).rejects.toThrow('terminated');
      expect(simulator.log.map(({ status }) => status)).toEqual([0, 200]);
    },
  ));

test('a body that ends early looks whole to HTTP and is no JSON', () =>
  underFaults([{ effect: 'cut-short', times: 1, afterBytes: 100 }], async (simulator) => {
    const { status, text } = await call(simulator, analyticsPath);
    expect([status, text.length]).toEqual([200, 100]);
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(JSON.parse((await call(simulator, analyticsPath)).text)).toHaveLength(31);
  }));

test('a download breaks and ends early just as well', () =>
  underFaults(
    [
      { effect: 'truncate', route: 'download', times: 1 },
      { effect: 'cut-short', route: 'download', times: 1 },
    ],
    async (simulator) => {
      const url = await readyReport(simulator, report);
      await expect(fetch(url).then((response) => response.text())).rejects.toThrow('terminated');
      const text = await (await fetch(url)).text();
      expect(text).toHaveLength(1024);
      expect(Object.keys(JSON.parse(await (await fetch(url)).text()))).not.toHaveLength(0);
    },
  ));

test('a slow body arrives late and whole', () =>
  underFaults(
    [{ effect: 'slow-body', route: ['analytics', 'download'], delayMs: 150 }],
    async (simulator) => {
      const begun = Date.now();
      expect(JSON.parse((await call(simulator, analyticsPath)).text)).toHaveLength(31);
      expect(Date.now() - begun).toBeGreaterThanOrEqual(145);
      expect(JSON.parse(await (await fetch(await readyReport(simulator, report))).text())).not.toEqual({});
    },
  ));

test('a token can be revoked at the n-th request', () =>
  underFaults([{ effect: 'revoke-token', skip: 2, times: 1 }], async (simulator) => {
    const statuses = [];
    for (let i = 0; i < 4; i += 1) statuses.push((await call(simulator, '/user_account')).status);
    expect(statuses).toEqual([200, 200, 401, 401]);
  }));

test.each([
  ['report-failed', ['IN_PROGRESS', 'FAILED']],
  ['report-cancelled', ['IN_PROGRESS', 'CANCELLED']],
  ['report-expired', ['IN_PROGRESS', 'EXPIRED']],
  ['report-missing', ['DOES_NOT_EXIST', 'DOES_NOT_EXIST']],
  ['report-stuck', ['IN_PROGRESS', 'IN_PROGRESS']],
] as const)('%s is the fate of one report and not of the next', (effect, expected) =>
  withSimulator({ faults: [{ effect, times: 1 }], nullReportStatus: false }, async (simulator) => {
    const { token } = (await post(simulator, `${ACCOUNT}/reports`, report)).json();
    const statuses = [];
    for (let i = 0; i < 2; i += 1)
      statuses.push((await call(simulator, `${ACCOUNT}/reports${query({ token })}`)).json()['report_status']);
    expect(statuses).toEqual(expected);
    await readyReport(simulator, report);
  }),
);

const spoilt: [Malformation, object][] = [
  ['row-text-metric', { SPEND_IN_MICRO_DOLLAR: 'N/A' }],
  ['row-nested-metric', { SPEND_IN_MICRO_DOLLAR: { value: expect.any(Number) } }],
  ['row-lone-surrogate', { SPEND_IN_MICRO_DOLLAR: '\ud83d' }],
  ['row-date-impossible', { DATE: '2026-02-30' }],
  ['row-foreign-id', { AD_ACCOUNT_ID: FOREIGN_ID }],
];
test.each(spoilt)('%s spoils one row and no other', (effect, expected) =>
  underFaults([{ effect, times: 1 }], async (simulator) => {
    const rows = JSON.parse((await call(simulator, analyticsPath)).text);
    const whole = JSON.parse((await call(simulator, analyticsPath)).text);
    expect(rows[0]).toMatchObject(expected);
    expect(whole[0]).not.toMatchObject(expected);
    expect(rows.slice(1)).toEqual(whole.slice(1));
  }),
);

test('rows lose their date or id, or say a thing twice', () =>
  underFaults(
    [{ effect: 'row-date-missing', rows: 2 }, { effect: 'row-id-missing' }, { effect: 'row-duplicate-key' }],
    async (simulator) => {
      const { text } = await call(simulator, analyticsPath);
      const rows = JSON.parse(text);
      expect(rows.map((row: object) => Object.keys(row).length).slice(0, 5)).toEqual([2, 2, 2, 3, 3]);
      expect(text.match(/\{[^}]*SPEND[^}]*SPEND[^}]*\}/g)).toHaveLength(1);
    },
  ));

test('a foreign row in a download stands under a foreign key', () =>
  underFaults([{ effect: 'row-foreign-id', times: 1 }], async (simulator) => {
    const found = JSON.parse(await (await fetch(await readyReport(simulator, report))).text());
    expect(found[FOREIGN_ID]).toHaveLength(1);
  }));

test('rules fire by chance from the seed, by predicate, and by route', () =>
  underFaults([{ effect: 'unavailable', route: 'analytics', probability: 0.5 }], async (simulator) => {
    const { settings } = simulator;
    const statuses = async (path: string) => {
      const found = [];
      for (let i = 0; i < 20; i += 1) found.push((await call(simulator, path)).status);
      return found;
    };
    const [rule] = settings.faults;
    const first = await statuses(analyticsPath);
    expect(new Set(first)).toEqual(new Set([200, 503]));
    settings.faults = [{ ...rule! }];
    expect(await statuses(analyticsPath)).toEqual(first);
    expect(new Set(await statuses('/user_account'))).toEqual(new Set([200]));
    settings.faults = [{ effect: 'server-error', when: ({ query }) => query.get('page_size') === '13' }];
    expect((await call(simulator, `${ACCOUNT}/ads?page_size=13`)).status).toBe(500);
    expect((await call(simulator, `${ACCOUNT}/ads?page_size=12`)).status).toBe(200);
  }));

test('latency holds every answer back', () =>
  withSimulator({ latencyMs: 80 }, async (simulator) => {
    const begun = Date.now();
    await call(simulator, '/user_account');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(78);
  }));
