// `pinterest-ads authorize` as a person meets it: the consent page walked over HTTP, and everything that may go wrong there.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { freePort } from '../../src/start/ports.js';
import { beginAuthorize, decide, type Authorizing } from '../support/authorize.js';
import { openBrowser, withBrowser } from '../support/browser.js';
import { exchanges } from '../support/vaults.js';

let simulator: Simulator;
let folder: string;
let port: number;
let child: ChildProcess | undefined;
beforeEach(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'authorize-'));
  port = await freePort();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const redirectUri = (): string => `http://localhost:${port}/`;

const begin = (args: readonly string[] = [], changes: Record<string, string> = {}): Authorizing => {
  const authorizing = beginAuthorize(
    simulator,
    {
      PINTEREST_REDIRECT_URI: redirectUri(),
      STORE_URL: `duckdb:${join(folder, 'store.duckdb')}`,
      ...changes,
    },
    args,
  );
  ({ child } = authorizing);
  return authorizing;
};

const stored = async (name = 'default'): Promise<{ grant: Record<string, string> }> =>
  JSON.parse(await readFile(join(folder, 'credentials', `${name}.json`), 'utf8'));
const nothingIsStored = async (): Promise<void> => {
  const files = await readdir(join(folder, 'credentials')).catch(() => []);
  expect(files.filter((file) => !file.endsWith('.lock'))).toEqual([]);
};

test('consent is given: the tokens are stored for this user alone, and are good', async () => {
  const { address, ended } = begin(['--credential', 'acme-eu']);
  const asked = new URL(await address);
  expect(Object.fromEntries(asked.searchParams)).toMatchObject({
    client_id: 'simulator-app',
    redirect_uri: redirectUri(),
    response_type: 'code',
    scope: 'ads:read,user_accounts:read',
    state: expect.stringMatching(/^\S{43}$/),
  });
  const shown = await fetch(await decide(await address, 'allow'));
  expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining('acme-eu is stored')]);
  const { code, output, errors } = await ended;
  expect([code, output]).toEqual([0, expect.stringContaining('The credential acme-eu is stored')]);

  const { grant } = await stored('acme-eu');
  const answer = await fetch(`${simulator.url}/ad_accounts`, {
    headers: { authorization: `Bearer ${grant['accessToken']}` },
  });
  expect(answer.status).toBe(200);
  const modes = await Promise.all(
    ['credentials', 'credentials/acme-eu.json', 'credentials/acme-eu.lock'].map(
      async (path) => (await stat(join(folder, path))).mode & 0o777,
    ),
  );
  expect(modes).toEqual([0o700, 0o600, 0o600]);
  expect(await readdir(join(folder, 'credentials'))).toEqual(['acme-eu.json', 'acme-eu.lock']);
  for (const secret of [grant['accessToken']!, grant['refreshToken']!, 'simulator-secret'])
    expect(output + errors).not.toContain(secret);
});

test('for a program it answers with JSON, and nothing else on standard output', async () => {
  const process_ = begin(['--json']);
  let words = '';
  const address = new Promise<string>((resolve) => {
    child!.stderr!.on('data', (bytes: Buffer) => {
      words += bytes.toString();
      const line = /^http\S+$/m.exec(words)?.[0];
      if (line) resolve(line);
    });
  });
  await fetch(await decide(await address, 'allow'));
  expect(JSON.parse((await process_.ended).output)).toEqual({
    credential: 'default',
    scopes: ['ads:read', 'user_accounts:read'],
    credentialExpires: {
      accessToken: expect.stringMatching(/^\d{4}-/),
      refreshToken: expect.stringMatching(/^\d{4}-/),
    },
    store: join(folder, 'store.duckdb'),
  });
});

withBrowser('in a browser', () => {
  let browser: Browser;
  let page: Page;
  beforeEach(async () => {
    browser = await openBrowser();
    page = await browser.newPage();
  });
  afterEach(() => browser.close());

  test('the page asks, a click allows, the last page says what is stored', async () => {
    const { address, ended } = begin();
    await page.goto(await address);
    expect(await page.textContent('body')).toContain('Give simulator-app access?');
    await page.getByRole('button', { name: 'Give access' }).click();
    await page.waitForURL(`${redirectUri()}?**`);
    expect(await page.textContent('body')).toContain('The credential default is stored.');
    expect((await ended).code).toBe(0);
    const answer = await fetch(`${simulator.url}/ad_accounts`, {
      headers: { authorization: `Bearer ${(await stored()).grant['accessToken']}` },
    });
    expect(answer.status).toBe(200);
  });

  test('a click refuses, and the last page and the command say so', async () => {
    const { address, ended } = begin();
    await page.goto(await address);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.waitForURL(`${redirectUri()}?**`);
    const said = 'Consent was refused; the page said: access_denied: The user did not allow it.';
    expect(await page.textContent('body')).toContain(said);
    expect(await ended).toMatchObject({ code: 1, errors: expect.stringContaining(said) });
    await nothingIsStored();
  });
});

test('consent replaces a credential that cannot be read', async () => {
  await mkdir(join(folder, 'credentials'));
  await writeFile(join(folder, 'credentials', 'default.json'), 'damaged');
  const { address, ended } = begin();
  await fetch(await decide(await address, 'allow'));
  expect((await ended).code).toBe(0);
  expect((await stored()).grant['accessToken']).toMatch(/\S/);
});

test('consent is refused: the command ends with what the page said', async () => {
  const { address, ended } = begin();
  const shown = await fetch(await decide(await address, 'deny'));
  expect(shown.status).toBe(400);
  const { code, errors } = await ended;
  expect(code).toBe(1);
  expect(errors.trim().split('\n').at(-1)).toBe(
    'Consent was refused; the page said: access_denied: The user did not allow it.',
  );
  expect(exchanges(simulator)).toBe(0);
  await nothingIsStored();
});

test('an answer with another state is not used, and ends the command', async () => {
  const { address, ended } = begin();
  const answer = await decide(await address, 'allow');
  answer.searchParams.set('state', 'x'.repeat(43));
  expect((await fetch(answer)).status).toBe(400);
  expect(await ended).toMatchObject({ code: 1, errors: expect.stringContaining('Nothing was stored') });
  expect(exchanges(simulator)).toBe(0);
  await nothingIsStored();
});

test('other requests are not answers, and of two answers the first is used', async () => {
  simulator.settings.latencyMs = 200;
  const { address, ended } = begin();
  const answer = await decide(await address, 'allow');
  expect((await fetch(new URL('/favicon.ico', answer))).status).toBe(404);
  expect((await fetch(new URL('/', answer))).status).toBe(404);
  expect((await fetch(answer, { method: 'POST' })).status).toBe(404);
  const statuses = await Promise.all([answer, answer].map(async (url) => (await fetch(url)).status));
  expect(new Set(statuses)).toEqual(new Set([200, 409]));
  expect((await ended).code).toBe(0);
  expect(exchanges(simulator)).toBe(1);
});

test('a code that Pinterest refuses stores nothing', async () => {
  const { address, ended } = begin();
  const answer = await decide(await address, 'allow');
  answer.searchParams.set('code', 'another-code');
  const shown = await (await fetch(answer)).text();
  expect(shown).toContain('The authorization code is invalid');
  const { code, errors } = await ended;
  expect([code, errors]).toEqual([
    1,
    expect.stringContaining('Pinterest refused the code of the consent page'),
  ]);
  expect(errors + shown).not.toContain('another-code');
  await nothingIsStored();
});

test('an app that Pinterest does not know is told of by its variables', async () => {
  const { address, ended } = begin([], { PINTEREST_APP_SECRET: 'a-wrong-secret' });
  await fetch(await decide(await address, 'allow'));
  const { code, errors } = await ended;
  expect(code).toBe(1);
  expect(errors).toContain('Do PINTEREST_APP_ID and PINTEREST_APP_SECRET belong together?');
  expect(errors).not.toContain('a-wrong-secret');
});

test('what is missing or wrong in the environment is told at once, all of it', async () => {
  const { ended } = begin([], {
    PINTEREST_APP_ID: '',
    PINTEREST_APP_SECRET: '',
    PINTEREST_REDIRECT_URI: 'https://example.com/',
    CREDENTIALS_KEY: 'short',
  });
  const { code, errors } = await ended;
  expect(code).toBe(1);
  expect(errors.split('\n').map((line) => /^ {2}(\w+):/.exec(line)?.[1])).toEqual([
    undefined,
    'PINTEREST_APP_ID',
    'PINTEREST_APP_SECRET',
    'PINTEREST_REDIRECT_URI',
    'CREDENTIALS_KEY',
    undefined,
  ]);
});

test('a port that is taken is one sentence', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const { code, errors } = await begin().ended;
  other.close();
  expect(code).toBe(1);
  expect(errors.trim()).toMatch(
    /^PINTEREST_REDIRECT_URI: cannot listen on 127\.0\.0\.1, port \d+ \(EADDRINUSE\)/,
  );
});

test('Ctrl-C ends it with one sentence, and nothing is stored', async () => {
  const { address, ended } = begin();
  await address;
  child!.kill('SIGINT');
  const { code, errors } = await ended;
  expect([code, errors.trim().split('\n').at(-1)]).toEqual([1, 'Interrupted: nothing was stored.']);
  await nothingIsStored();
});

test('a name that no file may have is refused', async () => {
  const { ended } = begin(['--credential', '../elsewhere']);
  expect(await ended).toMatchObject({ code: 1, errors: expect.stringContaining('a-z, 0-9 and -') });
});
