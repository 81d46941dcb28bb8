// Where a run could loop, waste calls or stop for a reason that is not worth stopping for.
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import { ACCOUNT, Harness, specOf, type HarnessOptions } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';

let harness: Harness;
afterEach(() => harness.close());

const today = (): string => dateOf(Date.now());
const start = async (options: HarnessOptions = {}): Promise<void> => {
  harness = await Harness.start(options);
};
const callsOf = (...routes: string[]): number =>
  harness.simulator.log.filter(({ route }) => routes.includes(route)).length;

test('another name of the own id is a column like any other', async () => {
  await start();
  const columns = ['SPEND_IN_DOLLAR', 'PIN_PROMOTION_ID', 'CAMPAIGN_NAME'];
  const run = await harness.run(specOf({ objects: [{ type: 'ads', ids: 'all' }], columns, backfillDays: 3 }));
  expect(run.status).toBe('success');
  const [row] = await query(
    harness.storePath,
    'SELECT ad_id, pin_promotion_id, campaign_name FROM acme_ads.ad_analytics',
  );
  expect(row!['pin_promotion_id']).toBe(row!['ad_id']);
  expect(row!['campaign_name']).not.toBeNull();
});

test('a campaign made after the catalogue was read is asked for once, not again and again', async () => {
  await start({ simulator: { adAccounts: [{ id: ACCOUNT, campaigns: 0, adGroups: 0, ads: 0 }] } });
  expect((await harness.run(specOf({ backfillDays: 5 }))).status).toBe('success');
  harness.simulator.settings.adAccounts[0]!.campaigns = 1;
  const { id } = harness.simulator.generator.objects(ACCOUNT).campaigns[0]!;
  await harness.run(specOf({ objects: [{ type: 'campaigns', ids: [id] }], backfillDays: 5 }));
  const run = await harness.run(specOf({ backfillDays: 5 }));
  expect(run).toMatchObject({ status: 'success', apiCalls: { analytics: 1 } });
});

test('a bookmark that Pinterest has forgotten costs one call: the list is read from its beginning', async () => {
  const requests = new Requests();
  await start({
    simulator: {
      middleware: [requests.middleware],
      adAccounts: [{ id: ACCOUNT, campaigns: 300, adGroups: 0, ads: 0 }],
    },
  });
  requests.intercept = (request, response, next) =>
    request.query['bookmark'] ? void response.status(503).json({ code: 1, message: 'Later.' }) : next();
  const first = await harness.begin(specOf({ backfillDays: 2 }));
  await requests.reach(3, /campaigns$/);
  await first.terminate();
  let seen = false;
  requests.intercept = (request, response, next) => {
    if (seen || !request.query['bookmark']) return next();
    seen = true;
    response.status(400).json({ code: 1, message: 'Invalid bookmark.' });
  };
  const run = await harness.run(specOf({ backfillDays: 2 }));
  expect(seen).toBe(true);
  expect(run.status).toBe('success');
  expect(await query(harness.storePath, 'SELECT count(*)::INTEGER AS known FROM acme_ads.campaigns')).toEqual(
    [{ known: 300 }],
  );
});

test('an unknown id that even the catalogue refuses to look up does not stop the others', async () => {
  await start();
  const { id } = harness.simulator.generator.objects(ACCOUNT).campaigns[0]!;
  const spec = specOf({
    objects: [{ type: 'campaigns', ids: [id, '12345678901234567890', '777'] }],
    backfillDays: 3,
  });
  expect((await harness.run(spec)).status).toBe('partial success');
  expect((await harness.run(spec)).status).toBe('partial success');
});

test('ids that a complete reading of the catalogue lacks are not asked for with each run of the day', async () => {
  await start();
  const { id } = harness.simulator.generator.objects(ACCOUNT).campaigns[0]!;
  const unknown = Array.from({ length: 600 }, (_, i) => `99${i}`);
  const runOf = (ids: string[]) =>
    harness.run(specOf({ objects: [{ type: 'campaigns', ids: [id, ...ids] }], backfillDays: 3 }));
  expect(await runOf(unknown)).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 1 } });
  expect(await runOf(unknown)).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 0 } });
  // Only what is new is looked up, once.
  const more = [...unknown, '77', '78'];
  expect(await runOf(more)).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 1 } });
  expect(await runOf(more)).toMatchObject({ status: 'partial success', apiCalls: { catalogue: 0 } });
});

test('one date that Pinterest refuses does not cost the others', async () => {
  await start();
  const bad = addDays(today(), -3);
  harness.simulator.settings.faults = [
    {
      effect: 'server-error',
      route: 'analytics',
      when: ({ query }) => query.get('start_date')! <= bad && bad <= query.get('end_date')!,
    },
  ];
  const run = await harness.run(specOf({ backfillDays: 6 }));
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors.map(({ code }) => code)).toContain('NotCurrent');
  const dates = await query(
    harness.storePath,
    'SELECT DISTINCT date::TEXT AS date FROM acme_ads.campaign_analytics',
  );
  expect(dates).toHaveLength(5);
});

test('a rate limit on a poll does not buy the report again, and counts as asked again', async () => {
  await start({
    simulator: {
      faults: [
        {
          effect: 'rate-limit',
          times: 2,
          retryAfterSeconds: 1,
          when: ({ method, path }) => method === 'GET' && path.endsWith('/reports'),
        },
      ],
    },
  });
  const run = await harness.run(specOf());
  expect(run.status).toBe('success');
  expect(harness.simulator.log.filter(({ method }) => method === 'POST')).toHaveLength(1);
  expect(run.apiCalls).toMatchObject({ reports: callsOf('reports'), retried: 2, total: harness.calls() });
});

test('where reports keep failing, analytics calls take over as far as they reach', async () => {
  await start({ simulator: { faults: [{ effect: 'report-failed', route: 'reports' }] } });
  const run = await harness.run(specOf());
  expect(run.status).toBe('partial success');
  expect(run.statusSummary.errors.map(({ code }) => code)).toContain('NotCurrent');
  const [oldest] = await query(harness.storePath, 'SELECT min("from")::TEXT AS date FROM acme_ads.coverage');
  expect(oldest).toEqual({ date: addDays(today(), -89) });
  // Dates that only reports reach are asked for three times in all, the others twice.
  expect(harness.simulator.log.filter(({ method }) => method === 'POST')).toHaveLength(3);
});

test('a dataflow may be called like the file of the store', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'named-'));
  await start({ environment: { STORE_URL: `duckdb:${join(folder, 'acme_ads.duckdb')}` } });
  expect((await harness.run(specOf({ backfillDays: 3 }))).status).toBe('success');
});

test('another granularity is refused before anything is altered, and only where rows of one are held', async () => {
  await start();
  harness.simulator.settings.token = 'another';
  const weeks = await harness.begin(specOf({ granularity: 'WEEK', backfillDays: 20 }));
  await expect(weeks.result()).rejects.toMatchObject({ cause: { type: 'CredentialExpired' } });
  harness.simulator.settings.token = harness.environment['PINTEREST_ACCESS_TOKEN']!;
  expect((await harness.run(specOf({ backfillDays: 3 }))).status).toBe('success');
  const hours = await harness.begin(specOf({ granularity: 'HOUR' }));
  await expect(hours.result()).rejects.toMatchObject({
    cause: { type: 'InvalidSpec', message: expect.stringContaining('already holds DAY rows') as string },
  });
  const columns = await query(
    harness.storePath,
    `SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'campaign_analytics' AND column_name = 'hour'`,
  );
  expect(columns).toEqual([]);
});
