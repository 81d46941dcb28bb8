// Several ad accounts of one dataflow on PostgreSQL: side by side in the same tables, and more than run at a time.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { startTemporalServer } from '../../src/start/temporal-server.js';
import { pauseSignal, resumeSignal } from '../../src/workflows/contract.js';
import { Harness, progressOf, progressUntil, specOf, type HarnessOptions } from '../support/harness.js';
import { newDatabase } from '../support/databases.js';
import { Requests } from '../support/requests.js';
import { query, type Row } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const DAYS = 20;
const DAY_MS = 86_400_000;
/** Ad account, catalogue, and one call for all campaigns. */
const CALLS = 3;
const AT_A_TIME = 4;
const NINE = Array.from({ length: 9 }, (_, i) => String(549755885175 + i));
const [A, B] = NINE as [string, string];

let requests: Requests;
let harness: Harness;
afterEach(() => harness.close());

let store: string;
const start = async (accounts: readonly string[], options: HarnessOptions = {}): Promise<void> => {
  store = await newDatabase();
  requests = new Requests();
  harness = await Harness.start({
    ...options,
    environment: { STORE_URL: store, ...options.environment },
    simulator: {
      adAccounts: accounts.map((id, i) => ({ id, campaigns: 2 + i, adGroups: 4, ads: 8 })),
      middleware: [requests.middleware],
      ...options.simulator,
    },
  });
};

const several = (adAccountIds: readonly string[]) => ({
  ...specOf({ backfillDays: DAYS }),
  connection: { adAccountIds },
});

const today = (): string => dateOf(Date.now());
const from = (): string => addDays(today(), 1 - DAYS);
/** @returns how many rows */
const expectTruth = async (accountId: string, now = Date.now()): Promise<number> => {
  const question = { accountId, objectType: 'campaigns', from: from(), to: today(), now } as const;
  const stored = await storedLines(store, 'acme_ads', question);
  expect(stored).toEqual(trueLines(harness.simulator.generator, question));
  expect(stored.length).toBeGreaterThan(DAYS);
  return stored.length;
};
const expectTruthOfAll = async (run: FlowRun, accounts: readonly string[]): Promise<void> => {
  let rows = 0;
  for (const accountId of accounts) rows += await expectTruth(accountId);
  expect(run.recordSummary.outputRecordCount).toBe(rows);
  const [{ all }] = (await query(
    store,
    'SELECT count(*)::INTEGER AS all FROM acme_ads.campaign_analytics',
  )) as [Row];
  expect(all).toBe(rows);
};

/** What the store holds of an ad account, as of when. */
const held = async (accountId: string): Promise<Row[][]> =>
  Promise.all(
    ['campaign_analytics', 'coverage', 'campaigns', 'ad_accounts', 'catalogue_reads', 'claims'].map(
      (table) => {
        const key = table === 'ad_accounts' ? 'id' : 'ad_account_id';
        return query(
          store,
          `SELECT row_to_json(t)::TEXT AS row FROM acme_ads.${table} t WHERE ${key} = '${accountId}' ORDER BY 1`,
        );
      },
    ),
  );

test('two in one dataflow: what is read again of one leaves rows, coverage and catalogue of the other as they are', async () => {
  await start([A, B]);
  const run = await harness.run(several([A, B]));
  expect(run.status).toBe('success');
  await expectTruthOfAll(run, [A, B]);
  const before = { a: await held(A), b: await held(B) };
  for (const rows of before.b) expect(rows.length).toBeGreaterThan(0);

  harness.simulator.settings.now = () => Date.now() + DAY_MS;
  const window = { from: from(), to: today() };
  const again = await harness.run({ ...several([A]), window });
  expect(again).toMatchObject({ status: 'success', window });
  expect(again.restated.rowsChanged).toBeGreaterThan(0);
  await expectTruth(A, Date.now() + DAY_MS);
  const after = { a: await held(A), b: await held(B) };
  expect(after.b).toEqual(before.b);
  expect(after.a).not.toEqual(before.a);
});

interface Turns {
  /** In the order in which they began and ended. */
  begun: string[];
  ended: string[];
  /** As many ran at the same time. */
  most: number;
}

/** Which ad accounts a run's history says were on, and when. */
const turnsOf = async (handle: WorkflowHandle): Promise<Turns> => {
  const { events } = await handle.fetchHistory();
  const turns: Turns = { begun: [], ended: [], most: 0 };
  const accountOf = (workflowId: string | null | undefined): string => workflowId!.split('/').at(-1)!;
  for (const event of events!) {
    const begun = event.startChildWorkflowExecutionInitiatedEventAttributes;
    const ended = event.childWorkflowExecutionCompletedEventAttributes;
    if (begun) turns.begun.push(accountOf(begun.workflowId));
    if (ended) turns.ended.push(accountOf(ended.workflowExecution!.workflowId));
    turns.most = Math.max(turns.most, turns.begun.length - turns.ended.length);
  }
  return turns;
};

test('nine: four at a time, begun in the order of the list, each read to its end where calls are few', async () => {
  // So few calls that they stand in line for them.
  await start(NINE, { environment: { PINTEREST_QUOTA: '2/1s' } });
  const handle = await harness.begin(several(NINE));
  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  await expectTruthOfAll(run, NINE);
  expect(harness.calls()).toBe(CALLS * NINE.length);
  expect(run.apiCalls.total).toBe(harness.calls());
  expect(run.waitedForQuotaMs).toBeGreaterThan(0);

  const { begun, ended, most } = await turnsOf(handle);
  expect(most).toBe(AT_A_TIME);
  expect(begun).toEqual(NINE);
  expect(ended.toSorted()).toEqual(NINE);
});

describe('a history that grows long', () => {
  let folder: string;
  let stop: () => Promise<void>;
  afterEach(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('nine: it continues as new, runs none again, sums all up, and can be paused then', async () => {
    folder = await mkdtemp(join(tmpdir(), 'many-accounts-'));
    const temporal = await startTemporalServer({
      log: join(folder, 'temporal.log'),
      dynamicConfig: ['limit.historyCount.suggestContinueAsNew=30'],
    });
    stop = () => temporal.stop();
    await start(NINE, { address: temporal.address });
    // The call for the rows of the last ad account but one is answered when the test says so.
    let letGo = (): void => undefined;
    const last = NINE.at(-2)!;
    requests.intercept = (request, _response, next) => {
      if (request.path.endsWith(`${last}/campaigns/analytics`)) letGo = next;
      else next();
    };
    const handle = await harness.begin(several(NINE));
    await requests.reach(1, new RegExp(`${last}/campaigns/analytics`));
    await handle.signal(pauseSignal);
    const child = harness.client.workflow.getHandle(`${handle.workflowId}/${last}`);
    await progressUntil(child, ({ paused }) => paused);
    expect((await handle.describe()).runId).not.toBe(handle.firstExecutionRunId);
    letGo();
    await progressUntil(child, ({ chunks }) => chunks.done > 0);
    const paused = await progressOf(handle);
    expect(paused.paused).toBe(true);
    const done = paused.accounts!.filter(({ status }) => status === 'success');
    expect(done.length).toBeGreaterThanOrEqual(AT_A_TIME);
    expect(paused.accounts!.find(({ adAccountId }) => adAccountId === last)!.status).toBe('running');

    await handle.signal(resumeSignal);
    const run = (await handle.result()) as FlowRun;
    expect(run).toMatchObject({ status: 'success', statusSummary: { errors: [] } });
    await expectTruthOfAll(run, NINE);
    expect(harness.calls()).toBe(CALLS * NINE.length);
    expect(run.apiCalls.total).toBe(harness.calls());
    const runs = await query(store, 'SELECT ad_account_id AS id, status FROM acme_ads.flow_runs ORDER BY 1');
    expect(runs).toEqual(NINE.map((id) => ({ id, status: 'success' })));
  });
});
