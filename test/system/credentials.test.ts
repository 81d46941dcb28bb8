// A token that is revoked in the middle of a run: the run waits, says what to do, and goes on with a new one.
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import { addDays, dateOf } from '../../src/dataflow/dates.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import type { DataflowProgress } from '../../src/workflows/contract.js';
import { ACCOUNT, Harness, progressUntil, specOf } from '../support/harness.js';
import { timerSummaries } from '../support/history.js';
import { Requests } from '../support/requests.js';
import { query } from '../support/store-reader.js';
import { storedLines, trueLines } from '../support/truth.js';

const DAYS = 120;
const tokenFile = join(tmpdir(), `pinterest-token-${process.pid}`);
let harness: Harness;
afterEach(async () => {
  await harness.close();
  await rm(tokenFile, { force: true });
});

type Handle = Awaited<ReturnType<Harness['begin']>>;

const waitingFor = (handle: Handle, why: string): Promise<DataflowProgress> =>
  progressUntil(handle, ({ waiting }) => waiting?.why.includes(why) ?? false);

/** Lets one chunk come through; then the token of everything else is not good any more. */
const revokeAfterFirstChunk = (requests: Requests, handle: () => Handle, newToken: string): void => {
  let first: string | undefined;
  requests.intercept = async (request, _response, next) => {
    const isData = request.method === 'GET' && /analytics$|reports$/.test(request.path);
    const chunk = `${request.path} ${String(request.query['token'])}`;
    if (isData && chunk !== (first ??= chunk)) {
      await progressUntil(handle(), ({ chunks }) => chunks.done > 0);
      harness.simulator.settings.token = newToken;
    }
    next();
  };
};

/** A run whose token is good for one chunk. */
const runWithDyingToken = async (patienceMs: number): Promise<Handle> => {
  await writeFile(tokenFile, 'the-first-token\n');
  const requests = new Requests();
  harness = await Harness.start({
    simulator: { token: 'the-first-token', middleware: [requests.middleware] },
    environment: { PINTEREST_ACCESS_TOKEN: '', PINTEREST_ACCESS_TOKEN_FILE: tokenFile },
    worker: false,
  });
  harness.patienceMs = patienceMs;
  await harness.startWorker();
  let handle!: Handle;
  revokeAfterFirstChunk(requests, () => handle, 'the-second-token');
  handle = await harness.begin(
    specOf({ objects: OBJECT_TYPES.map((type) => ({ type, ids: 'all' })), backfillDays: DAYS }),
  );
  return handle;
};

test('a run whose token is revoked waits for a new one in its file, and then loads the truth', async () => {
  const handle = await runWithDyingToken(60_000);
  const { chunks } = await waitingFor(
    handle,
    'a new access token is needed: Pinterest refused the access token',
  );
  expect(chunks.done).toBeGreaterThan(0);
  // Between the old token and the new one there may be no file for a while.
  await rm(tokenFile);
  await waitingFor(handle, 'No token is configured for the credential "default"');
  expect((await handle.describe()).status.name).toBe('RUNNING');
  await writeFile(tokenFile, 'the-second-token\n');

  const run = (await handle.result()) as FlowRun;
  expect(run.status).toBe('success');
  expect(run.apiCalls.total).toBe(harness.calls());
  const today = dateOf(Date.now());
  for (const objectType of OBJECT_TYPES) {
    const question = { accountId: ACCOUNT, objectType, from: addDays(today, 1 - DAYS), to: today };
    expect(await storedLines(harness.storePath, 'acme_ads', question)).toEqual(
      trueLines(harness.simulator.generator, question),
    );
  }

  expect(await timerSummaries(handle)).toContainEqual(
    expect.stringMatching(/^a new access token is needed: Pinterest refused.*, until \d{4}-.*Z$/),
  );
});

test('a run that waited in vain ends as failed; what it loaded stays', async () => {
  const handle = await runWithDyingToken(1_000);
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'CredentialExpired' } });
  const [found] = await query(
    harness.storePath,
    `SELECT (SELECT status FROM acme_ads.flow_runs) AS status,
            (SELECT count(*)::INTEGER FROM acme_ads.coverage) AS covered`,
  );
  expect(found!['status']).toBe('failed');
  expect(found!['covered']).toBeGreaterThan(0);
});
