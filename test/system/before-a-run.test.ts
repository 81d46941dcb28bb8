// Before a run: whether the token is good, what there is, what the rows look like. Nothing is written.
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { ConnectionCheck } from '../../src/activities/questions/check-connection.js';
import type { ExploredAccounts, ExploredObjects } from '../../src/activities/questions/explore.js';
import type { Preview } from '../../src/activities/questions/preview.js';
import type { FaultRule } from '../../simulator/wire/faults.js';
import type { SimulatorOptions } from '../../simulator/settings.js';
import { TASK_QUEUE } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, specOf } from '../support/harness.js';
import { timerSummaries } from '../support/history.js';
import { Requests } from '../support/requests.js';

const LONGEST_ANSWER = 256 * 1024;

let harness: Harness;
afterEach(() => harness.close());

const start = async (simulator: SimulatorOptions = {}, environment = {}): Promise<void> => {
  harness = await Harness.start({ simulator, environment });
};
const ask = async <Answer extends { apiCalls: number }>(type: string, input?: unknown): Promise<Answer> => {
  const before = harness.calls();
  const answer = (await harness.client.workflow.execute(type, {
    taskQueue: TASK_QUEUE,
    workflowId: `${type}-${randomUUID()}`,
    args: [input],
  })) as Answer;
  expect(JSON.stringify(answer).length).toBeLessThanOrEqual(LONGEST_ANSWER);
  expect(answer.apiCalls).toBe(harness.calls() - before);
  return answer;
};
const check = (connection: object = { adAccountId: ACCOUNT }): Promise<ConnectionCheck> =>
  ask('checkConnection', { connection });
const problemOf = ({ ok, problems, apiCalls }: ConnectionCheck): { code: string; message: string } => {
  expect(ok).toBe(false);
  expect(problems).toHaveLength(1);
  expect(apiCalls).toBeLessThanOrEqual(3);
  return problems[0]!;
};
const refusal = async (type: string, input: unknown): Promise<ApplicationFailure> => {
  const error = await ask(type, input).then(
    () => undefined,
    (failed: unknown) => failed,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as ApplicationFailure;
};

describe('checkConnection', () => {
  test('a good one: who and what it reads, by two calls, nothing written', async () => {
    await start();
    expect(await check()).toEqual({
      ok: true,
      credential: 'default',
      user: { username: 'acme' },
      adAccount: {
        id: ACCOUNT,
        name: 'Acme Home & Garden',
        currency: 'USD',
        country: 'US',
        permissions: ['OWNER'],
      },
      credentialExpires: null,
      problems: [],
      apiCalls: 2,
    });
    expect(await check({})).toMatchObject({ ok: true, adAccount: null, apiCalls: 2 });
    expect(await ask('checkConnection')).toMatchObject({ ok: true });
    expect(existsSync(harness.storePath)).toBe(false);
  });

  test('the scope user_accounts:read is not needed, and no problem if it is missing', async () => {
    await start({ scopes: ['ads:read'] });
    expect(await check()).toMatchObject({ ok: true, user: null, problems: [] });
  });

  test("the limited token of Pinterest's developer page is called by its name", async () => {
    await start({ scopes: ['pins:read', 'boards:read', 'user_accounts:read'] });
    for (const connection of [{ adAccountId: ACCOUNT }, {}]) {
      const answer = await check(connection);
      const { code, message } = problemOf(answer);
      expect(code).toBe('ScopeMissing');
      expect(message).toMatch(/developer page.*pins, boards and user accounts only.*ads:read/s);
      expect(answer.user).toEqual({ username: 'acme' });
    }
  });

  test.each([
    ['ScopeMissing', 'all of ads', "Missing: ['ads:read']", /ad_accounts/],
    ['ScopeMissing', 'all of ads', 'Authorization failed.', /ad_accounts/],
    ['RoleMissing', 'one ad account', 'Authorization failed.', new RegExp(`/${ACCOUNT}$`)],
  ])('it is %s if a token is denied %s: %s', async (code, _denied, message, paths) => {
    const denies: FaultRule = {
      effect: 'refuse',
      status: 403,
      message,
      times: 10,
      when: ({ path }) => paths.test(path),
    };
    await start({ faults: [denies] });
    const answer = await check();
    expect(problemOf(answer).code).toBe(code);
    expect(answer.user).toEqual({ username: 'acme' });
  });

  test.each([['FINANCE_MANAGER'], []])('a role that does not suffice: %s', async (...permissions) => {
    await start({ adAccounts: [{ id: ACCOUNT, permissions }] });
    const { code, message } = problemOf(await check());
    expect(code).toBe('RoleMissing');
    expect(message).toContain('Owner, Admin, Analyst or Campaign Manager');
    expect(message).toContain('Business Manager');
  });

  test('a user without any ad account', async () => {
    await start({ adAccounts: [] });
    expect(problemOf(await check({})).code).toBe('RoleMissing');
  });

  test('an ad account that is not there', async () => {
    await start();
    const { code, message } = problemOf(await check({ adAccountId: '123' }));
    expect(code).toBe('UnknownAdAccount');
    expect(message).toContain('123');
  });

  test('a token that is refused, or that nobody has', async () => {
    await start({}, { PINTEREST_ACCESS_TOKEN: 'no-good' });
    const expired = await check();
    expect(problemOf(expired).code).toBe('CredentialExpired');
    expect(expired.apiCalls).toBe(1);
    expect(JSON.stringify(expired)).not.toContain('no-good');
    const missing = await check({ adAccountId: ACCOUNT, credential: 'acme-eu' });
    expect(problemOf(missing).code).toBe('CredentialMissing');
    expect(problemOf(missing).message).toContain('PINTEREST_ACCESS_TOKEN_ACME_EU');
    expect(missing.apiCalls).toBe(0);
  });

  test('a name that no credential can have opens no file', async () => {
    await start();
    await writeFile(join(harness.folder, 'package.json'), '{}');
    await mkdir(join(harness.folder, 'credentials'));
    for (const credential of ['../package', 'Acme EU', '-acme']) {
      const answer = await check({ credential });
      expect(answer.credentialExpires).toBeNull();
      const { code, message } = problemOf(answer);
      expect(code).toBe('CredentialMissing');
      expect(message).toContain(
        'No credential can be called so: a name is 1 to 100 characters of a-z, 0-9 and -',
      );
      expect(message).not.toContain(harness.folder);
    }
  });

  test('nobody answers, or only with failures', async () => {
    await start({ faults: [{ effect: 'server-error' }] });
    const failing = await check();
    expect(problemOf(failing).code).toBe('Unreachable');
    await harness.stopWorker();
    harness.environment['PINTEREST_API_URL'] = 'http://127.0.0.1:9/v5';
    await harness.startWorker();
    const away = await check();
    expect(problemOf(away).code).toBe('Unreachable');
    expect(away.apiCalls).toBe(0);
  });

  test('an input that does not fit is refused with its path and the nearest word', async () => {
    await start();
    const { type, message } = await refusal('checkConnection', { connection: { adAcountId: ACCOUNT } });
    expect(type).toBe('InvalidSpec');
    expect(message).toContain('connection.adAcountId: is not a known key. Did you mean "adAccountId"?');
  });
});

describe('explore', () => {
  const explore = <Answer extends ExploredAccounts | ExploredObjects>(input: unknown): Promise<Answer> =>
    ask('explore', input);

  test('the ad accounts, then the objects of one, of every status', async () => {
    await start();
    expect(await explore<ExploredAccounts>({ connection: {} })).toEqual({
      adAccounts: [
        { id: ACCOUNT, name: 'Acme Home & Garden', currency: 'USD', country: 'US', permissions: ['OWNER'] },
      ],
      more: false,
      apiCalls: 1,
    });
    const { campaigns, ad_groups, ads } = harness.simulator.generator.objects(ACCOUNT);
    const connection = { adAccountId: ACCOUNT };
    const found = await explore<ExploredObjects>({ connection, type: 'campaigns' });
    expect(found).toMatchObject({ adAccountId: ACCOUNT, type: 'campaigns', more: false, apiCalls: 1 });
    expect(found.objects).toHaveLength(campaigns.length);
    expect(new Set(found.objects.map(({ status }) => status)).size).toBeGreaterThan(2);
    for (const [type, objects] of [
      ['ad_groups', ad_groups],
      ['ads', ads],
    ] as const) {
      const [first] = (await explore<ExploredObjects>({ connection, type, limit: 1 })).objects;
      const truth = objects.find(({ id }) => id === first!.id)!;
      expect(first).toEqual({
        id: truth.id,
        name: truth.name,
        status: truth.status,
        campaignId: truth.campaign_id,
        ...('ad_group_id' in truth && { adGroupId: truth.ad_group_id }),
      });
    }
  });

  test('pages are read only until so many match', async () => {
    await start({ adAccounts: [{ id: ACCOUNT, ads: 900 }] });
    const connection = { adAccountId: ACCOUNT };
    const some = await explore<ExploredObjects>({ connection, type: 'ads' });
    expect(some).toMatchObject({ more: true, apiCalls: 1 });
    expect(some.objects).toHaveLength(200);
    const many = await explore<ExploredObjects>({ connection, type: 'ads', limit: 1_000 });
    expect(many).toMatchObject({ more: false, apiCalls: 4 });
    expect(many.objects).toHaveLength(900);
    const { ads } = harness.simulator.generator.objects(ACCOUNT);
    const archived = await explore<ExploredObjects>({
      connection,
      type: 'ads',
      statuses: ['ARCHIVED'],
      limit: 1_000,
    });
    expect(archived.objects).toHaveLength(ads.filter(({ status }) => status === 'ARCHIVED').length);
    const named = await explore<ExploredObjects>({
      connection,
      type: 'ads',
      names: [ads.at(-1)!.name],
      limit: 1,
    });
    expect(named.objects.map(({ name }) => name)).toEqual([ads.at(-1)!.name]);
  });

  test('what a person can mend is in the answer', async () => {
    await start({ scopes: ['pins:read'] });
    const answer = await explore<ExploredAccounts>({ connection: {} });
    expect(answer).toMatchObject({ adAccounts: [], more: false, problems: [{ code: 'ScopeMissing' }] });
    const objects = await explore<ExploredObjects>({ connection: { adAccountId: ACCOUNT }, type: 'ads' });
    expect(objects).toMatchObject({ objects: [], problems: [{ code: 'ScopeMissing' }] });
  });

  test.each([
    [
      { type: 'campaign', connection: { adAccountId: ACCOUNT } },
      'type: "campaign" is not one of',
      'Did you mean "campaigns"?',
    ],
    [{ type: 'ads' }, 'connection.adAccountId', 'must name the ad account'],
    [{ conection: {} }, 'conection', 'Did you mean "connection"?'],
    [{ limit: 1_001 }, 'limit', '1 to 1000'],
  ])('an input that does not fit is refused: %j', async (input, ...words) => {
    await start();
    const { type, message } = await refusal('explore', input);
    expect(type).toBe('InvalidSpec');
    for (const word of words) expect(message).toContain(word);
    expect(harness.calls()).toBe(0);
  });
});

describe('preview', () => {
  const today = dateOf(Date.now());

  test('the newest rows under the names of the store, by two calls', async () => {
    await start();
    const columns = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_IMPRESSION'];
    const answer = await ask<Preview>('preview', specOf({ columns, objects: [{ type: 'ads', ids: 'all' }] }));
    expect(answer).toMatchObject({
      objectType: 'ads',
      window: { from: addDays(today, -6), to: today },
      apiCalls: 2,
    });
    expect(answer.columns).toEqual([
      { column: 'AD_ACCOUNT_ID', name: 'ad_account_id', type: 'TEXT' },
      { column: 'CAMPAIGN_ID', name: 'campaign_id', type: 'TEXT' },
      { column: 'AD_GROUP_ID', name: 'ad_group_id', type: 'TEXT' },
      { column: 'AD_ID', name: 'ad_id', type: 'TEXT' },
      { column: 'DATE', name: 'date', type: 'DATE' },
      { column: 'SPEND_IN_MICRO_DOLLAR', name: 'spend_in_micro_dollar', type: 'DOUBLE' },
      { column: 'TOTAL_IMPRESSION', name: 'total_impression', type: 'DOUBLE' },
    ]);
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(answer.rows.length).toBeLessThanOrEqual(100);
    const truth = new Map(
      harness.simulator.generator
        .rows({
          accountId: ACCOUNT,
          objectType: 'ads',
          ...answer.window,
          columns,
          granularity: 'DAY',
          now: Date.now(),
        })
        .map((row) => [`${row.id} ${row.date}`, row]),
    );
    for (const row of answer.rows) {
      const { campaignId, adGroupId, values } = truth.get(`${row['ad_id']} ${row['date']}`)!;
      expect(row).toEqual({
        ad_account_id: ACCOUNT,
        campaign_id: campaignId,
        ad_group_id: adGroupId,
        ad_id: row['ad_id'],
        date: row['date'],
        spend_in_micro_dollar: values['SPEND_IN_MICRO_DOLLAR'] ?? null,
        total_impression: values['TOTAL_IMPRESSION'] ?? null,
      });
    }
    const dates = answer.rows.map((row) => row['date'] as string);
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(existsSync(harness.storePath)).toBe(false);
  });

  test('columns that only reports have come by a report', async () => {
    await start();
    const columns = ['SPEND_IN_MICRO_DOLLAR', 'TOTAL_CONVERSIONS_QUANTITY'];
    const answer = await ask<Preview>('preview', specOf({ columns }));
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(harness.simulator.log.filter(({ route }) => route === 'reports')).toHaveLength(3);
  });

  test.each(['TOTAL', 'HOUR', 'WEEK', 'MONTH'])('granularity %s', async (granularity) => {
    await start();
    const answer = await ask<Preview>('preview', specOf({ granularity }));
    expect(answer.apiCalls).toBe(2);
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(Object.keys(answer.rows[0]!)).toEqual(answer.columns.map(({ name }) => name));
  });

  test('names and ids choose; what is not there brings no row', async () => {
    await start();
    const [campaign] = harness.simulator.generator
      .objects(ACCOUNT)
      .campaigns.filter(({ status }) => status === 'ACTIVE');
    for (const chosen of [{ names: [campaign!.name] }, { ids: [campaign!.id, '1'] }]) {
      const answer = await ask<Preview>('preview', specOf({ objects: [{ type: 'campaigns', ...chosen }] }));
      expect(new Set(answer.rows.map((row) => row['campaign_id']))).toEqual(new Set([campaign!.id]));
    }
    const none = await ask<Preview>('preview', specOf({ objects: [{ type: 'ads', ids: ['1'] }] }));
    expect(none).toMatchObject({ rows: [], apiCalls: 1 });
  });

  test('however many columns, an answer fits', async () => {
    await start();
    const { ANALYTICS_COLUMNS: columns } = await import('../../openapi/reporting-columns.js');
    const answer = await ask<Preview>(
      'preview',
      specOf({ columns, backfillDays: 30, objects: [{ type: 'ads', ids: 'all' }] }),
    );
    expect(answer.rows.length).toBeGreaterThan(10);
  });

  const refusal90: FaultRule = { effect: 'refuse', route: 'analytics' };
  const truncated: FaultRule = { effect: 'truncate', route: 'analytics', afterBytes: 100 };
  const cutShort: FaultRule = { effect: 'cut-short', route: 'analytics', afterBytes: 100 };
  test.each([
    ['a refusal', refusal90, /last 90 days/],
    ['a body that breaks off', truncated, /broke/],
    ['a body that ends early', cutShort, /ends early/],
  ])('%s is asked about again, and told if it stays', async (_, fault, said) => {
    await start();
    harness.simulator.settings.faults = [{ ...fault, times: 1 }];
    const answer = await ask<Preview>('preview', specOf());
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(answer).not.toHaveProperty('problems');
    harness.simulator.settings.faults = [fault];
    expect(await ask<Preview>('preview', specOf())).toMatchObject({
      rows: [],
      problems: [{ code: 'Unreachable', message: expect.stringMatching(said) as unknown }],
    });
  });

  test('a spec that cannot run is refused, a token that reads nothing is told of', async () => {
    await start({ scopes: ['pins:read'] });
    const { type, message } = await refusal('preview', specOf({ columns: ['SPENT_IN_MICRO_DOLLAR'] }));
    expect(type).toBe('InvalidSpec');
    expect(message).toContain('Did you mean "SPEND_IN_MICRO_DOLLAR"?');
    expect(await ask<Preview>('preview', specOf())).toMatchObject({
      rows: [],
      problems: [{ code: 'ScopeMissing' }],
    });
  });
});

test('a preview shows the first rows as the mapping of a target would send them, or why it cannot', async () => {
  harness = await Harness.start({
    worker: false,
    environment: {
      EXPERIENCE_PLATFORM_CLIENT_ID: 'client',
      EXPERIENCE_PLATFORM_CLIENT_SECRET: 'a-secret',
      EXPERIENCE_PLATFORM_ORG: 'A@AdobeOrg',
      EXPERIENCE_PLATFORM_SCOPES: 'openid',
    },
  });
  // Mappings run in a thread, out of the build.
  await harness.startWorkerProcess();
  const target = (dataset: string, expression: string) => ({
    kind: 'experience-platform',
    sandbox: 'prod',
    dataset,
    mapping: { '_acme.spend': expression, '_acme.id': 'campaign_id' },
  });
  const targets = [
    target('good', 'spend_in_micro_dollar / 1000000'),
    target('bad', "spend_in_micro_dollar & 'x' - 1"),
    { kind: 'experience-platform', sandbox: 'prod', dataset: 'unmapped' },
  ];
  const { mapped, rows } = await ask<Preview>('preview', specOf({ backfillDays: 5 }, { targets }));
  expect(mapped).toEqual([
    {
      target: 'experience-platform prod/good',
      rows: rows.slice(0, 5).map((row) => ({
        _acme: { spend: Number(row['spend_in_micro_dollar']) / 1e6, id: row['campaign_id'] },
      })),
    },
    {
      target: 'experience-platform prod/bad',
      rows: [],
      problem: expect.stringContaining('mapping["_acme.spend"]: ') as string,
    },
  ]);
  expect(await ask('preview', specOf({ backfillDays: 5 }))).not.toHaveProperty('mapped');
});

test('questions take permits like everything else', async () => {
  await start({ quota: [{ calls: 3, windowMs: 3_000 }] }, { PINTEREST_QUOTA: '3/3s' });
  const input = { connection: { adAccountId: ACCOUNT } };
  const asked = await Promise.all([1, 2, 3].map(() => harness.begin(input, { type: 'checkConnection' })));
  for (const one of asked)
    expect(await one.result()).toMatchObject({ ok: true, user: { username: 'acme' }, apiCalls: 2 });
  expect(harness.simulator.log.map(({ status }) => status)).not.toContain(429);
});

/** Until a workflow waits on a timer. */
const waits = async (handle: WorkflowHandle): Promise<void> => {
  while ((await timerSummaries(handle)).length === 0) {
    expect((await handle.describe()).status.name).toBe('RUNNING');
    await sleep(50);
  }
};

test('a check that has begun has its second call too, whoever asks beside it', async () => {
  const requests = new Requests();
  await start({ middleware: [requests.middleware] }, { PINTEREST_QUOTA: '3/3s' });
  const first = requests.holdBack(/ad_accounts/);
  const begin = () => harness.begin({ connection: { adAccountId: ACCOUNT } }, { type: 'checkConnection' });
  const asked = [await begin()];
  await first.reached;
  asked.push(await begin());
  // One call is left: the other waits for two.
  await waits(asked[1]!);
  first.release();
  for (const one of asked)
    expect(await one.result()).toMatchObject({ ok: true, user: { username: 'acme' }, apiCalls: 2 });
  expect(harness.calls()).toBe(4);
});
