// What Pinterest refuses however often it is asked, and what may help: few calls, another way, and one sentence.
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { REPORT_CALLS } from '../../src/dataflow/chunk.js';
import type { DryRun } from '../../src/activities/dry-run.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import type { FaultRequest, FaultRule } from '../../simulator/wire/faults.js';
import type { SimulatorOptions } from '../../simulator/settings.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { change, query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

let harness: Harness;
afterEach(() => harness.close());

const today = (): string => dateOf(Date.now());
const TYPES = OBJECT_TYPES.length;
const everything = { objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })) };
/** The ad account, and the lists of 20 campaigns, 60 ad groups and 300 ads at 250 a page. */
const CATALOGUE_CALLS = 1 + 4;
/** 90 days of all of them: 300 ads take two calls. */
const ANALYTICS_CALLS = 4;
/** Reports asked for before there are no more, whichever fail: of each object type, then of the parts of one. */
const MOST_REPORTS_LOST = TYPES + 2;

const start = async (faults: FaultRule[], simulator: SimulatorOptions = {}): Promise<void> => {
  harness = await Harness.start({ simulator: { ...simulator, faults } });
};
const requests = (method: string, route: string): number =>
  harness.simulator.log.filter((entry) => entry.method === method && entry.route === route).length;
const refusedCalls = (): number =>
  harness.simulator.log.filter(({ faults, status }) => faults.length > 0 || status >= 400).length;
const told = ({ statusSummary }: FlowRun): string[] =>
  [...statusSummary.errors, ...(statusSummary.notices ?? [])].map(
    ({ code, message }) => `${code}: ${message}`,
  );
const isPost = ({ method }: FaultRequest): boolean => method === 'POST';

const expectTruth = async (days: number): Promise<void> => {
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(today(), 1 - days), to: today() };
    const stored = await storedLines(harness.storePath, 'acme_ads', question);
    expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  }
};

test('where reports are refused, as in the sandbox, analytics read what they reach; not asked for again today', async () => {
  await start([{ effect: 'refuse', status: 404, message: 'Not found.', route: 'reports', when: isPost }]);
  const run = await harness.run(specOf(everything));
  expect(run.status).toBe('partial success');
  await expectTruth(90);
  expect(requests('POST', 'reports')).toBeLessThanOrEqual(MOST_REPORTS_LOST);
  expect(harness.calls()).toBeLessThanOrEqual(CATALOGUE_CALLS + MOST_REPORTS_LOST + ANALYTICS_CALLS);
  expect(
    told(run).filter((line) => line.includes('Reports give this ad account nothing at all')),
  ).toHaveLength(1);

  harness.simulator.log.length = 0;
  const again = await harness.run(specOf(everything));
  expect(again.status).toBe('partial success');
  expect([requests('POST', 'reports'), harness.calls()]).toEqual([0, ANALYTICS_CALLS]);
  // Nor planned.
  const plan = (await (await harness.begin(specOf(everything), { type: 'planDataflow' })).result()) as DryRun;
  expect([...new Set(plan.chunks.map(({ method }) => method))]).toEqual(['analytics']);
  expect(told(again).join()).toContain('HTTP 404, code 1: Not found.');
});

/** How often storage is asked for one report: once more where it refuses, four times more where it may be ill. */
test.each<[string, FaultRule, number]>([
  ['refused', { effect: 'refuse', status: 403, message: 'Blocked.', route: 'download' }, 2],
  ['broken', { effect: 'reset', route: 'download' }, 5],
])(
  'where downloads are %s, the same report is tried again, its host is named, and analytics take over',
  async (_, fault, downloads) => {
    await start([fault]);
    const run = await harness.run(specOf(everything));
    expect(run.status).toBe('partial success');
    await expectTruth(90);
    const reports = requests('POST', 'reports');
    expect(reports).toBeLessThanOrEqual(MOST_REPORTS_LOST);
    expect(requests('GET', 'download')).toBe(downloads * reports);
    const perReport = REPORT_CALLS + downloads - 1;
    expect(harness.calls()).toBeLessThanOrEqual(
      CATALOGUE_CALLS + MOST_REPORTS_LOST * perReport + ANALYTICS_CALLS,
    );
    const { host } = new URL(harness.simulator.url);
    expect(told(run).join()).toContain(`from ${host} failed`);
  },
);

test('a download that fails once costs a look at the same report, not another one', async () => {
  await start([{ effect: 'refuse', status: 403, message: 'Expired.', route: 'download', times: 1 }]);
  const run = await harness.run(specOf());
  expect(run.status).toBe('success');
  expect([requests('POST', 'reports'), requests('GET', 'download')]).toEqual([1, 2]);
});

test('a refusal that passes: a cell that cannot be cut is asked for again', async () => {
  await start([{ effect: 'refuse', route: 'analytics', times: 1 }]);
  const { id } = harness.simulator.generator.objects(ACCOUNT).campaigns[0]!;
  const run = await harness.run(specOf({ objects: [{ type: 'campaigns', ids: [id] }], backfillDays: 1 }));
  expect(run).toMatchObject({ status: 'success', apiCalls: { analytics: 2 } });
});

test('a date that analytics refuse is read by a report, and not asked for again today', async () => {
  const oldest = addDays(today(), -88);
  const tooOld = ({ query }: FaultRequest): boolean => query.get('start_date')! < oldest;
  await start([{ effect: 'refuse', route: 'analytics', when: tooOld }]);
  const spec = specOf({ ...everything, backfillDays: 90 });
  const run = await harness.run(spec);
  expect(run.status).toBe('success');
  await expectTruth(90);
  // Of each object type: all dates, those but the oldest, the oldest; a report of that one.
  expect(refusedCalls()).toBeLessThanOrEqual(2 * TYPES);
  expect(harness.calls()).toBeLessThanOrEqual(
    CATALOGUE_CALLS + 2 * TYPES + ANALYTICS_CALLS + TYPES * REPORT_CALLS,
  );
  expect(told(run)).toEqual([
    expect.stringContaining(`Analytics calls give this ad account no dates before ${oldest}`),
  ]);

  harness.simulator.log.length = 0;
  expect(told(await harness.run(spec))).toEqual(told(run));
  expect([refusedCalls(), harness.calls()]).toEqual([0, ANALYTICS_CALLS]);
});

test('guardrails of 2023 against an account that allows 90 days: the limit is found by one call of each object type', async () => {
  await start([]);
  const spec = specOf({ ...everything, api: 'v5-2023' });
  const run = await harness.run(spec);
  expect(run.status).toBe('success');
  await expectTruth(186);
  expect(refusedCalls()).toBe(TYPES);
  harness.simulator.log.length = 0;
  await harness.run(spec);
  expect(refusedCalls()).toBe(0);
});

test('a column that is refused is left out for the day, and the others are read', async () => {
  const asks = ({ query, body }: FaultRequest): boolean =>
    `${query.get('columns')} ${JSON.stringify(body)}`.includes('CHECKOUT_ROAS');
  await start([{ effect: 'refuse', message: 'columns: CHECKOUT_ROAS is not available', when: asks }]);
  const spec = specOf({ ...everything, backfillDays: 30 });
  const run = await harness.run(spec);
  expect(run.status).toBe('partial success');
  expect(refusedCalls()).toBe(2 * TYPES);
  expect(told(run)).toContainEqual(expect.stringMatching(/^ColumnRefused: .*CHECKOUT_ROAS/));
  const [row] = await query(
    harness.storePath,
    'SELECT count(spend_in_micro_dollar)::INTEGER > 0 AS spend, count(checkout_roas)::INTEGER AS roas FROM acme_ads.ad_analytics',
  );
  expect(row).toEqual({ spend: true, roas: 0 });
  harness.simulator.log.length = 0;
  await harness.run(spec);
  expect(refusedCalls()).toBe(0);

  // Tomorrow it is asked for again; what was read without it lacks it.
  harness.simulator.settings.faults = [];
  await change(harness.storePath, 'DELETE FROM acme_ads.refusals');
  expect((await harness.run(spec)).status).toBe('success');
  await expectTruth(30);
});

test('analytics that are refused in the same words, however they are asked, are given up for a report', async () => {
  await start([{ effect: 'refuse', message: 'Bad request.', route: 'analytics' }]);
  const run = await harness.run(specOf({ ...everything, backfillDays: 90 }));
  expect(run.status).toBe('success');
  await expectTruth(90);
  // All dates; those but the oldest, the oldest; two halves.
  expect(refusedCalls()).toBeLessThanOrEqual(5 * TYPES);
});

test.each([200, 204])(
  'answers of status %i without a body are not cut: after a few tries a report is asked for',
  async (status) => {
    await start([{ effect: 'empty', status, route: 'analytics' }]);
    const run = await harness.run(specOf({ backfillDays: 30 }));
    expect(run.status).toBe('success');
    expect(requests('GET', 'analytics')).toBe(5);
  },
);

test.each<[string, FaultRule]>([
  ['not even of the ad account', { effect: 'server-error' }],
  ['of what was not current', { effect: 'refuse', route: ['analytics', 'reports'] }],
])('a run that could read nothing, %s, failed', async (_, fault) => {
  await start([fault]);
  const handle = await harness.begin(specOf({ backfillDays: 5 }));
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: expect.any(String) as string } });
  const [saved] = await query(harness.storePath, 'SELECT status FROM acme_ads.flow_runs');
  expect(saved).toEqual({ status: 'failed' });
});
