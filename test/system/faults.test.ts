// What goes wrong between here and Pinterest, and how a run comes through it.
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import type { FaultRule } from '../../simulator/wire/faults.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

let harness: Harness;
afterEach(() => harness.close());

const today = (): string => dateOf(Date.now());
const everything = OBJECT_TYPES.map((type) => ({ type, ids: 'all' }));

const expectTruth = async (days: number): Promise<void> => {
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(today(), 1 - days), to: today() };
    const stored = await storedLines(harness.storePath, 'acme_ads', question);
    expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  }
};

const SMALL = { id: ACCOUNT, campaigns: 6, adGroups: 12, ads: 48 };
/** If nothing goes wrong: ad account, catalogue, and three reports asked for and looked at twice. */
const CALLS = 1 + 3 + 3 * 3;

const passing: [string, FaultRule[]][] = [
  ['429 with Retry-After', [{ effect: 'rate-limit', times: 3, retryAfterSeconds: 1 }]],
  ['a 400 that says to retry after a second', [{ effect: 'retry-after-400', times: 2 }]],
  [
    '500, 503 and HTML with 502',
    [
      { effect: 'server-error', times: 2 },
      { effect: 'unavailable', skip: 4, times: 1 },
      { effect: 'bad-gateway', skip: 6, times: 1 },
    ],
  ],
  [
    'connections that break before and within an answer',
    [
      { effect: 'reset', times: 2 },
      { effect: 'truncate', skip: 4, times: 2, route: ['analytics', 'download'] },
    ],
  ],
  [
    'bodies that end early, or are HTML with status 200',
    [
      { effect: 'cut-short', times: 2, route: ['analytics', 'download'] },
      { effect: 'html', skip: 3, times: 1 },
    ],
  ],
  [
    'HTML with 403, of a firewall',
    [
      { effect: 'html', status: 403, times: 1 },
      { effect: 'html', status: 403, skip: 4, times: 2 },
    ],
  ],
  ['the transient 400 code 12', [{ effect: 'transient-400', times: 2 }]],
  [
    'reports that fail, expire or vanish',
    [
      { effect: 'report-failed', times: 1 },
      { effect: 'report-missing', skip: 1, times: 1 },
    ],
  ],
];

test.each(passing)('%s cost calls, never a row', async (_, faults) => {
  harness = await Harness.start({ simulator: { faults, adAccounts: [SMALL] } });
  const run = await harness.run(specOf({ objects: everything, backfillDays: 120 }));
  expect(run.status).toBe('success');
  await expectTruth(120);
  expect(run.apiCalls.total).toBe(harness.calls());
  expect(run.apiCalls.total).toBeGreaterThan(CALLS);
});

test('an answer that always breaks when it is large is asked for in smaller parts', async () => {
  harness = await Harness.start();
  const large = (request: { query: URLSearchParams }): boolean =>
    request.query.getAll('campaign_ids').length > 6;
  harness.simulator.settings.faults = [{ effect: 'cut-short', route: 'analytics', when: large }];
  const run = await harness.run(specOf({ backfillDays: 5 }));
  expect(run.status).toBe('success');
  const question = {
    accountId: ACCOUNT,
    objectType: 'campaigns',
    from: addDays(today(), -4),
    to: today(),
  } as const;
  expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
    trueLines(harness.simulator.generator, question),
  );
});

test('a single cell that keeps breaking cannot be cut: it is asked for again', async () => {
  harness = await Harness.start({
    simulator: { faults: [{ effect: 'reset', route: 'analytics', times: 5 }] },
  });
  const { id } = harness.simulator.generator.objects(ACCOUNT).campaigns[3]!;
  const run = await harness.run(specOf({ objects: [{ type: 'campaigns', ids: [id] }], backfillDays: 1 }));
  expect(run.status).toBe('success');
});

test('an id that Pinterest refuses does not stop the others; the record says why', async () => {
  harness = await Harness.start();
  const bad = harness.simulator.generator.objects(ACCOUNT).campaigns[3]!.id;
  harness.simulator.settings.faults = [];
  harness.simulator.settings.unknownIds = 'refuse';
  const run = await harness.run(
    specOf({ objects: [{ type: 'campaigns', ids: [bad, '7'] }], backfillDays: 5 }),
  );
  expect(run.status).toBe('partial success');
  expect(run.recordSummary.outputRecordCount).toBeGreaterThan(0);
});

test('rows that do not fit are kept with their reasons; beyond the threshold the run fails, and good rows stay', async () => {
  harness = await Harness.start({
    simulator: { faults: [{ effect: 'row-text-metric', route: 'analytics', rows: 10, times: 10 }] },
  });
  const handle = await harness.begin(specOf({ backfillDays: 5 }, { errorThresholdPercent: 1 }));
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'TooManyRejectedRows' } });
  const [found] = await query(
    harness.storePath,
    `SELECT (SELECT count(*)::INTEGER FROM acme_ads.rejected_rows) AS rejected,
            (SELECT count(*)::INTEGER FROM acme_ads.campaign_analytics) AS good,
            (SELECT status FROM acme_ads.flow_runs) AS status`,
  );
  expect(found).toMatchObject({ rejected: 10, status: 'failed' });
  expect(Number(found!['good'])).toBeGreaterThan(20);

  harness.simulator.settings.faults = [];
  const again: FlowRun = await harness.run(specOf({ backfillDays: 5 }));
  expect(again.status).toBe('success');
  expect(await query(harness.storePath, 'SELECT * FROM acme_ads.rejected_rows')).toEqual([]);
});

test('a token that is revoked before anything was read ends the run at once, and never shows', async () => {
  harness = await Harness.start({ simulator: { faults: [{ effect: 'revoke-token', skip: 1, times: 1 }] } });
  const handle = await harness.begin(specOf());
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'CredentialExpired' } });
  const history = JSON.stringify(await handle.fetchHistory());
  expect(history).not.toContain(harness.simulator.settings.token);
});
