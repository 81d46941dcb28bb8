// Runs with a stored credential: its access token ends in the middle, its renewal is refused, it is renewed by nobody.
import type { FaultRule } from '../../simulator/wire/faults.js';
import type { ConnectionCheck } from '../../src/activities/questions/check-connection.js';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { openVault } from '../../src/credentials/open-vault.js';
import type { Vault } from '../../src/credentials/vault.js';
import {
  budgetQuery,
  CHECK_CONNECTION,
  quotaWorkflowId,
  TASK_QUEUE,
  type CheckConnection,
} from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressOf, progressUntil, specOf } from '../support/harness.js';
import { Requests } from '../support/requests.js';
import { storedLines, trueLines } from '../support/truth.js';
import { APP, consented, grantOf, keep } from '../support/vaults.js';

const DAYS = 120;
const ENVIRONMENT = {
  PINTEREST_ACCESS_TOKEN: '',
  PINTEREST_APP_ID: APP.id,
  PINTEREST_APP_SECRET: APP.secret,
};
const SPEC = specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })), backfillDays: DAYS });

let harness: Harness;
let vault: Vault;
afterEach(() => harness.close());

const start = async (simulator = {}): Promise<void> => {
  harness = await Harness.start({ environment: ENVIRONMENT, worker: false, simulator });
  vault = openVault(harness.environment['STORE_URL']!, undefined);
};
const renewals = () => harness.simulator.log.filter(({ route }) => route === 'token');

const expectTheTruth = async (): Promise<void> => {
  const today = dateOf(Date.now());
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(today, 1 - DAYS), to: today };
    expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
      trueLines(harness.simulator.generator, question),
    );
  }
};

test('a run goes on across the end of its access token, again and again, and counts each renewal', async () => {
  // Its tokens live twenty times as long as it says: on a busy machine they arrive in time, too.
  const startedAtMs = Date.now();
  const now = (): number => startedAtMs + (Date.now() - startedAtMs) / 20;
  await start({ latencyMs: 600, token: 'nobody-has-it', now });
  harness.simulator.settings.oauth.tokenLifetimeMs = 3_000;
  // Only the run renews: whoever else did would have to be counted, too.
  harness.upkeepMs = 3_600_000;
  await harness.startWorker();
  const grant = await consented(harness.simulator);
  const lifeMs = 3_000;
  await keep(vault, { grant: { ...grant, accessTokenExpiresAtMs: grant.obtainedAtMs + lifeMs } });
  const before = harness.calls();
  const run = await harness.run(SPEC);
  expect(run.status).toBe('success');
  expect(renewals().length).toBeGreaterThan(2);
  expect(run.apiCalls.total).toBe(harness.calls() - before);
  // The ad account itself is the other one of its kind.
  expect(run.apiCalls.other).toBeGreaterThan(1);
  await expectTheTruth();
});

test('a worker alone keeps a credential alive, and its call is counted by the quota', async () => {
  const requests = new Requests();
  await start({ middleware: [requests.middleware] });
  await keep(vault, { grant: grantOf(harness.simulator.settings.oauth.refreshToken) }, 'acme-eu');
  const asked = requests.reach(1, /^POST .*oauth\/token/);
  await harness.startWorker();
  await asked;
  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  const { dataflows } = await quota.query(budgetQuery);
  expect(dataflows.map(({ dataflow }) => dataflow)).toEqual(['(credentials)']);
  await harness.stopWorker();
  expect((await vault.read('acme-eu'))?.grant?.accessToken).not.toContain('old-access-token');
  expect(renewals().length).toBe(1);
});

test('a run whose renewal is refused waits, says what to do, and goes on once consent was given anew', async () => {
  const requests = new Requests();
  await start({ middleware: [requests.middleware], token: 'nobody-has-it' });
  const anew = await consented(harness.simulator);
  const { refreshToken } = harness.simulator.settings.oauth;
  await keep(vault, { grant: { ...anew, refreshToken } });
  const look = requests.holdBack(/^GET .*\/reports$/);
  await harness.startWorker();
  const handle = await harness.begin(SPEC);
  await look.reached;
  await progressUntil(handle, ({ chunks }) => chunks.done > 0);
  harness.simulator.settings.oauth.refusesRefresh = true;
  harness.simulator.settings.faults = [{ effect: 'revoke-token', times: 1 }];
  look.release();
  const { waiting } = await progressUntil(handle, ({ waiting }) => waiting !== null);
  expect(waiting!.why).toContain(
    'a new access token is needed: Pinterest refused to renew the credential "default"',
  );
  expect(waiting!.why).toContain('npx pinterest-ads authorize');
  const asked = renewals().length;

  harness.simulator.settings.oauth.refusesRefresh = false;
  await keep(vault, { grant: anew });
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  // Refused once, by whichever of the chunks came first.
  expect(asked).toBe(2);
  await expectTheTruth();
});

test('a refresh token that ends within a week is told in progress and in the record', async () => {
  await start({ token: 'nobody-has-it' });
  const grant = await consented(harness.simulator);
  const refreshTokenExpiresAtMs = Date.now() + 6 * 86_400_000;
  await keep(vault, { grant: { ...grant, refreshTokenExpiresAtMs } });
  await harness.startWorker();
  const handle = await harness.begin(specOf({ backfillDays: 2 }));
  const notice = {
    code: 'CredentialEndsSoon',
    message: expect.stringMatching(
      new RegExp(
        `"default" ends ${new Date(refreshTokenExpiresAtMs).toISOString()}.*npx pinterest-ads authorize$`,
      ),
    ),
  };
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(run.statusSummary.notices).toEqual([notice]);
  expect((await progressOf(handle)).notices).toEqual([notice]);
});

describe('a check takes three calls at most', () => {
  const checked = async (
    permissions: string[],
    { leftMs = 3_600_000, faults = [] }: { leftMs?: number; faults?: FaultRule[] },
  ): Promise<ConnectionCheck> => {
    await start({ token: 'nobody-has-it', adAccounts: [{ id: ACCOUNT, permissions }] });
    // Upkeep has looked, and found nothing, by the time that Pinterest has answered.
    harness.upkeepMs = 3_600_000;
    await harness.startWorker();
    const grant = await consented(harness.simulator);
    await keep(vault, { grant: { ...grant, accessTokenExpiresAtMs: Date.now() + leftMs } });
    harness.simulator.settings.faults = faults;
    const before = harness.calls();
    const check = await harness.client.workflow.execute<CheckConnection>(CHECK_CONNECTION, {
      args: [{ connection: { adAccountId: ACCOUNT } }],
      taskQueue: TASK_QUEUE,
      workflowId: 'check',
    });
    expect(check.apiCalls).toBe(harness.calls() - before);
    expect(check.apiCalls).toBeLessThanOrEqual(3);
    return check;
  };
  const revokedAt = (path: RegExp): FaultRule => ({
    effect: 'revoke-token',
    times: 1,
    when: (request) => path.test(request.path),
  });
  const account = new RegExp(`/${ACCOUNT}$`);
  const noCallLeft = { code: 'Unreachable', message: expect.stringContaining('Check once more') as string };

  test('also if its token has to be renewed first', async () => {
    const check = await checked([], { leftMs: 0 });
    expect(check).toMatchObject({ problems: [{ code: 'RoleMissing' }], user: null, apiCalls: 3 });
  });

  test('also if its token is revoked meanwhile', async () => {
    const check = await checked(['OWNER'], { faults: [revokedAt(account)] });
    expect(check).toMatchObject({ ok: true, adAccount: { id: ACCOUNT }, user: null, apiCalls: 3 });
  });

  test('also if that comes at its last question, which is left out then', async () => {
    const check = await checked(['OWNER'], { faults: [revokedAt(/user_account$/)] });
    expect(check).toMatchObject({ ok: true, user: null, apiCalls: 2 });
    expect(renewals()).toHaveLength(1);
  });

  test('also if a token that was just renewed is refused, which is told', async () => {
    const check = await checked(['OWNER'], { leftMs: 0, faults: [revokedAt(account)] });
    expect(check).toMatchObject({ problems: [{ code: 'CredentialExpired' }], apiCalls: 2 });
  });

  test('and says so if they do not tell whether the numbers may be read', async () => {
    const check = await checked([], { faults: [revokedAt(account)] });
    expect(check).toMatchObject({ problems: [noCallLeft], adAccount: { id: ACCOUNT }, apiCalls: 3 });
  });

  test('those that were too many for Pinterest counted', async () => {
    const tooMany = (times: number): FaultRule[] => [
      { effect: 'rate-limit', when: ({ path }) => account.test(path), times },
    ];
    expect(await checked(['OWNER'], { faults: tooMany(1) })).toMatchObject({ ok: true, apiCalls: 3 });
    await harness.close();
    expect(await checked(['OWNER'], { faults: tooMany(3) })).toMatchObject({ problems: [noCallLeft] });
  });
});

test('a spec may name what is configured or stored, and nothing else', async () => {
  await start();
  await keep(vault, { grant: await consented(harness.simulator) }, 'acme-eu');
  await harness.startWorker();
  const connection = { adAccountId: ACCOUNT, credential: 'acme-eu' };
  expect((await harness.run(specOf({ backfillDays: 2 }, { connection }))).status).toBe('success');
  await expect(harness.run(specOf())).rejects.toMatchObject({
    cause: {
      type: 'InvalidSpec',
      message: expect.stringContaining(
        'no credential named "default" is configured or stored on the worker (it has "acme-eu")',
      ),
    },
  });
});

test('a token of the environment stands above a stored one of its name', async () => {
  await start();
  await keep(vault, { grant: { ...(await consented(harness.simulator)), accessToken: 'not-asked-for' } });
  harness.environment['PINTEREST_ACCESS_TOKEN'] = harness.simulator.settings.token;
  await harness.startWorker();
  const before = renewals().length;
  expect((await harness.run(specOf({ backfillDays: 2 }))).status).toBe('success');
  expect(renewals().length).toBe(before);
});
