// A secret (tokens, refresh tokens, codes of the consent page, the app's own) appears nowhere: not in logs, histories, heartbeats, answers to queries, nor in the store; whatever goes wrong,
// and although answers echo it, as those of some proxies do.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import type { RequestHandler } from 'express';
import { OBJECT_TYPES } from '../../src/dataflow/object-types.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { budgetQuery, quotaWorkflowId } from '../../src/workflows/contract.js';
import { openVault } from '../../src/credentials/open-vault.js';
import { freePort } from '../../src/start/ports.js';
import { beginAuthorize, decide } from '../support/authorize.js';
import { Harness, progressOf, specOf } from '../support/harness.js';
import { eventsOfAllRuns } from '../support/history.js';
import { query } from '../support/store-reader.js';
import { textIn } from '../support/text-in.js';
import { APP } from '../support/vaults.js';

const DAY_MS = 86_400_000;

/** One token for each way that a run may go, and the others' secrets; with characters that encodings change. */
const newToken = (): string => `pina_${randomBytes(15).toString('hex')}+/=${randomBytes(6).toString('hex')}`;
const tokens = { good: newToken(), wrong: newToken(), dying: newToken(), echoed: newToken() };
const secrets: Record<string, string> = {
  ...tokens,
  refresh: newToken(),
  refused: newToken(),
  'of the app': newToken(),
};
/** As apps send it. */
const basicOf = (id: string, secret: string): string => Buffer.from(`${id}:${secret}`).toString('base64');
secrets['of the app, with its id'] = basicOf(APP.id, secrets['of the app']!);

/** A token as text may hold it: as it is, in halves, percent-encoded, with JSON's escapes, within base64. */
const formsOf = (token: string): string[] => [
  token.slice(0, token.length / 2),
  token.slice(token.length / 2),
  encodeURIComponent(token),
  token.replaceAll('/', '\\/'),
  // Base64 depends on where in a group of three bytes the token begins; its outermost letters also on its neighbours.
  ...['', '-', '--'].map((before) =>
    Buffer.from(before + token)
      .toString('base64')
      .slice(4, -4),
  ),
];

type Answer = (response: Parameters<RequestHandler>[1], echo: string) => void;
const json =
  (status: number, code: number): Answer =>
  (response, echo) =>
    void response.status(status).json({ code, message: `Bad header: ${echo}`, status: 'failure' });
const page =
  (status: number): Answer =>
  (response, echo) =>
    void response.status(status).type('html').send(`<pre>${echo}</pre>`);
const limited: Answer = (response, echo) => {
  response.set('Retry-After', '1');
  json(429, 8)(response, echo);
};
const encoded: Answer = (response, echo) => page(502)(response, encodeURIComponent(echo));

/** What the first requests of each kind are answered with, where the token is one that is echoed. */
const echoes = (): [RegExp, Answer[]][] => [
  [/^GET .*ad_accounts\/\d+$/, [json(500, 0)]],
  [/^GET .*\/campaigns$/, [page(200), json(400, 12)]],
  [/analytics$/, [json(400, 1), page(200), encoded, limited]],
  [/^POST .*reports$/, [json(500, 0)]],
  [/^GET .*reports$/, [page(503)]],
];

/** What a renewal is answered with at first, and the exchange of a code. */
const tokenEchoes = () => ({
  refresh_token: [json(500, 0), page(503)],
  authorization_code: [json(400, 1)],
});

/** Stands before the simulator, which knows one token of its own. */
const SIMULATOR_TOKEN = 'known-to-the-simulator';
const proxy = (
  left: [RegExp, Answer[]][],
  tokensLeft: ReturnType<typeof tokenEchoes>,
  oneChunkIsThrough: Promise<void>,
): RequestHandler => {
  let chunksOfDying = 0;
  return async (request, response, next) => {
    const { authorization = '' } = request.headers;
    const token = authorization.replace(/^Bearer /, '');
    const echo = `Authorization: ${authorization}`;
    if (request.path.endsWith('/oauth/token')) {
      const { grant_type: kind, code, refresh_token: refresh } = request.body as Record<string, string>;
      if (code) secrets[`code ${code.slice(0, 4)}`] = code;
      const all = `${echo}; code=${code}; refresh_token=${refresh}`;
      if (refresh === secrets['refused']) return json(400, 1)(response, all);
      const answer = tokensLeft[kind as keyof typeof tokensLeft].shift();
      return answer ? answer(response, all) : next();
    }
    if (token === tokens.dying && request.path.endsWith('analytics') && ++chunksOfDying > 1) {
      await oneChunkIsThrough;
      return json(401, 2)(response, echo);
    }
    if (token === tokens.echoed) {
      const line = `${request.method} ${request.path}`;
      const answer = left.find(([pattern]) => pattern.test(line))?.[1].shift();
      if (answer) return answer(response, echo);
    }
    if (token !== tokens.wrong && authorization) request.headers.authorization = `Bearer ${SIMULATOR_TOKEN}`;
    next();
  };
};

let harness: Harness;
afterEach(() => harness.close());

test('no secret is left anywhere, in any form', async () => {
  const left = echoes();
  const tokensLeft = tokenEchoes();
  let nowOneIs!: () => void;
  const oneChunkIsThrough = new Promise<void>((resolve) => (nowOneIs = resolve));
  harness = await Harness.start({
    worker: false,
    simulator: {
      token: SIMULATOR_TOKEN,
      oauth: {
        clientId: APP.id,
        clientSecret: secrets['of the app']!,
        refreshToken: secrets['refresh']!,
        code: 'not-used',
        tokenLifetimeMs: 30 * DAY_MS,
        refreshTokenLifetimeMs: 60 * DAY_MS,
        refreshEndsAccess: false,
        refusesRefresh: false,
      },
      middleware: [proxy(left, tokensLeft, oneChunkIsThrough)],
    },
  });
  const { simulator } = harness;
  const dyingFile = join(harness.folder, 'dying-token');
  await writeFile(dyingFile, `${tokens.dying}\n`);
  const worker = await harness.startWorkerProcess({
    LOG_LEVEL: 'trace',
    PINTEREST_ACCESS_TOKEN: tokens.good,
    PINTEREST_ACCESS_TOKEN_WRONG: tokens.wrong,
    PINTEREST_ACCESS_TOKEN_DYING_FILE: dyingFile,
    PINTEREST_ACCESS_TOKEN_ECHOED: tokens.echoed,
    PINTEREST_APP_ID: APP.id,
    PINTEREST_APP_SECRET: secrets['of the app']!,
    PINTEREST_REFRESH_TOKEN_RENEWED: secrets['refresh']!,
    PINTEREST_REFRESH_TOKEN_REFUSED: secrets['refused']!,
  });

  /** Where a token might be found, and what was found there. */
  const seen = new Map<string, string>();
  const note = (place: string, value: unknown): void =>
    void seen.set(place, `${seen.get(place) ?? ''}\n${textIn(value)}`);

  /** Runs a dataflow and looks at it all the while; until `isOver`, where it would not end by itself. */
  const look = async (
    credential: string,
    spec: unknown,
    isOver?: (handle: WorkflowHandle) => Promise<boolean>,
  ): Promise<FlowRun | undefined> => {
    const handle = await harness.begin(spec, { workflowId: credential });
    let running = true;
    let record: FlowRun | undefined;
    const end = handle
      .result()
      .then((result: FlowRun) => (record = result))
      .catch((error: unknown) => note(`failure of ${credential}`, [String(error), error]))
      .finally(() => (running = false));
    while (running) {
      note(`description of ${credential}`, (await handle.describe()).raw);
      note(`progress of ${credential}`, await progressOf(handle));
      if (await isOver?.(handle)) await handle.cancel();
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await end;
    note(`record of ${credential}`, record);
    note(`description of ${credential}`, (await handle.describe()).raw);
    note(`history of ${credential}`, await handle.fetchHistory());
    return record;
  };
  const specFor = (credential: string, backfillDays: number, types: readonly string[] = OBJECT_TYPES) => ({
    ...specOf({ objects: types.map((type) => ({ type, ids: 'all' })), backfillDays }),
    name: credential,
    connection: { ...specOf().connection, credential },
  });
  const isWaiting = async (handle: WorkflowHandle): Promise<boolean> => {
    const progress = await progressOf(handle);
    note(`progress of ${handle.workflowId}`, progress);
    const { chunks, waiting } = progress;
    if (chunks.done > 0) nowOneIs();
    return waiting?.why.includes('new access token') ?? false;
  };

  const good = await look('good', { ...specFor('default', 120), name: 'good' });
  expect(good?.status).toBe('success');
  expect(simulator.log.some(({ route }) => route === 'download')).toBe(true);
  await look('wrong', specFor('wrong', 5));
  await look('dying', specFor('dying', 5, ['campaigns', 'ad_groups']), isWaiting);
  await look('echoed', specFor('echoed', 5, ['campaigns'])); // by analytics
  await look('echoed', specFor('echoed', 120, ['campaigns'])); // by a report

  expect((await look('renewed', specFor('renewed', 5, ['campaigns'])))?.status).toBe('success');
  await look('refused', specFor('refused', 5, ['campaigns']));
  for (const end of [1, 0]) {
    const { address, ended } = beginAuthorize(simulator, {
      PINTEREST_APP_SECRET: secrets['of the app']!,
      PINTEREST_REDIRECT_URI: `http://localhost:${await freePort()}/`,
      STORE_URL: harness.environment['STORE_URL']!,
    });
    const shown = await (await fetch(await decide(await address, 'allow'))).text();
    const { code, output, errors } = await ended;
    expect(code).toBe(end);
    note('words of authorize', [shown, output, errors]);
  }
  // The pairs that were granted are where they belong; nowhere else.
  const vault = openVault(harness.environment['STORE_URL']!, undefined);
  for (const name of ['renewed', 'default']) {
    const { grant } = (await vault.read(name))!;
    Object.assign(secrets, { [`${name}'s`]: grant!.accessToken, [`${name}'s next`]: grant!.refreshToken });
  }

  const quota = harness.client.workflow.getHandle(quotaWorkflowId(harness.environment['PINTEREST_APP']!));
  note('history of the quota', await eventsOfAllRuns(harness.client, quota.workflowId));
  note('description of the quota', (await quota.describe()).raw);
  note('budget', await quota.query(budgetQuery));
  await worker.kill('SIGTERM');
  note('log', worker.log());
  const tables = await query(
    harness.storePath,
    `SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('good', 'wrong', 'dying', 'echoed', 'renewed', 'refused')`,
  );
  for (const { table_schema: schema, table_name: name } of tables)
    note('store', await query(harness.storePath, `SELECT * FROM "${String(schema)}"."${String(name)}"`));
  note('file of the store', (await readFile(harness.storePath)).toString('latin1'));

  // What is looked at is what it is meant to be.
  expect(left.flatMap(([, answers]) => answers)).toEqual([]);
  expect(Object.values(tokensLeft).flat()).toEqual([]);
  expect(Object.keys(secrets).filter((name) => name.startsWith('code '))).toHaveLength(2);
  expect(seen.get('failure of refused')).toContain('Pinterest refused to renew the credential');
  expect(seen.get('words of authorize')).toContain('Pinterest refused the code of the consent page');
  expect(seen.get('failure of wrong')).toContain('Pinterest refused the access token');
  expect(seen.get('progress of dying')).toContain('a new access token is needed');
  expect(seen.get('description of good')).toMatch(/heartbeatDetails[^]*apiCalls/);
  for (const place of ['history of echoed', 'history of the quota', 'log'])
    expect(seen.get(place)).toContain('Bearer ***');
  expect(seen.get('log')).toMatch(/"level":"(trace|debug)"/);
  expect(seen.get('store')).toContain('success');
  const leaks = [...seen].flatMap(([place, text]) =>
    Object.entries(secrets).flatMap(([name, token]) =>
      formsOf(token)
        .filter((form) => text.includes(form))
        .map((form) => `the secret ${name} in the ${place}: ${form.slice(0, 12)}…`),
    ),
  );
  expect(leaks).toEqual([]);
});
