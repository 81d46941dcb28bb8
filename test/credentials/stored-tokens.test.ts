// Renewing, wherever credentials are kept: real HTTP, real files, a real PostgreSQL.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import { StoreUnavailable } from '../../src/store/store.js';
import { PinterestTransport } from '../../src/pinterest/transport.js';
import type { Vault } from '../../src/credentials/vault.js';
import {
  APP,
  consented,
  countingCaller,
  cutConnections,
  exchanges,
  grantOf,
  isAccepted,
  keep,
  newPlace,
  type Place,
  storedTokens,
} from '../support/vaults.js';

const HOUR_MS = 3_600_000;
const FIRST = 'simulator-refresh-token';

let simulator: Simulator;
let place: Place;
let vault: Vault;

/** The token after a renewal that a server answered like that. */
const renewedBy = async (answer: object, vault: Vault): Promise<string> => {
  const server = createServer((_, response) => void response.end(JSON.stringify(answer)));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const transport = new PinterestTransport({ apiUrl, idleTimeoutMs: 10_000 });
  try {
    return await storedTokens(simulator, vault, { transport, apiUrl }).token('default', countingCaller());
  } finally {
    server.close();
  }
};

describe.each(['duckdb', 'postgres'] as const)('beside a store in %s', (kind) => {
  beforeEach(async () => {
    simulator = await startSimulator();
    place = await newPlace(kind);
    vault = place.open();
  });
  afterEach(async () => {
    await simulator.close();
    await place.close();
  });

  test('a token that is good is handed out as it is, one that is due is renewed and the new pair kept', async () => {
    const good = grantOf(FIRST, HOUR_MS / 2);
    await keep(vault, { grant: good });
    const caller = countingCaller();
    const stored = storedTokens(simulator, vault);
    expect(await stored.token('default', caller)).toBe(good.accessToken);
    expect([exchanges(simulator), caller.permits]).toEqual([0, 0]);

    await keep(vault, { grant: grantOf(FIRST, 30_000) });
    const another = storedTokens(simulator, vault);
    const token = await another.token('default', caller);
    expect(await isAccepted(simulator, token)).toBe(true);
    expect((await place.open().read('default'))?.grant).toMatchObject({
      accessToken: token,
      refreshToken: expect.stringMatching(/^pinr\./),
      scopes: ['ads:read', 'boards:read', 'pins:read', 'user_accounts:read'],
    });
    expect([caller.permits, caller.calls]).toEqual([1, ['other']]);
    expect(another.lines).toEqual(['credential renewed {"credential":"default"}']);
  });

  test('a token that is over by the time it has come, by what Pinterest says of it, is tried', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    simulator.settings.oauth.tokenLifetimeMs = 1_000;
    simulator.settings.latencyMs = 1_100;
    const stored = storedTokens(simulator, vault);
    const token = await stored.token('default', countingCaller());
    expect(exchanges(simulator)).toBe(1);
    expect((await place.open().read('default'))?.grant?.accessToken).toBe(token);
  });

  test('a refresh token that ends within a week is told of, once a day', async () => {
    const refreshTokenExpiresAtMs = Date.now() + 6 * 24 * HOUR_MS;
    await keep(vault, { grant: { ...grantOf(FIRST, HOUR_MS / 2), refreshTokenExpiresAtMs } });
    const stored = storedTokens(simulator, vault);
    for (const _ of [1, 2]) await stored.token('default', countingCaller());
    expect(stored.lines).toEqual([
      'the refresh token of a credential ends soon; if it is not renewed by then: npx pinterest-ads authorize ' +
        JSON.stringify({ credential: 'default', ends: new Date(refreshTokenExpiresAtMs).toISOString() }),
    ]);
  });

  test('the same refresh token ends when it was said to', async () => {
    const before = { ...grantOf(FIRST), refreshTokenExpiresAtMs: Date.now() + 3 * 24 * HOUR_MS };
    await keep(vault, { grant: before });
    const token = await renewedBy({ access_token: 'new-access-token', expires_in: 2_592_000 }, vault);
    expect(token).toBe('new-access-token');
    const { refreshToken, refreshTokenExpiresAtMs } = before;
    expect((await vault.read('default'))?.grant).toMatchObject({ refreshToken, refreshTokenExpiresAtMs });
  });

  test.each([
    ['no expires_in', {}],
    ['expires_in: null', { expires_in: null }],
    ['refresh_token_expires_in: 0', { expires_in: 3_600, refresh_token_expires_in: 0 }],
    ['expires_in: "soon"', { expires_in: 'soon', scope: 7 }],
  ])('%s: the tokens that came are kept all the same', async (_, odd) => {
    await keep(vault, { grant: grantOf(FIRST) });
    const pair = { access_token: 'new-access-token', refresh_token: 'new-refresh-token' };
    const beganMs = Date.now();
    expect(await renewedBy({ ...pair, ...odd }, vault)).toBe('new-access-token');
    const { grant } = (await vault.read('default'))!;
    expect(grant).toMatchObject({ refreshToken: 'new-refresh-token' });
    expect(grant!.accessTokenExpiresAtMs).toBeGreaterThan(beganMs);
    expect(grant!.refreshTokenExpiresAtMs).toBeGreaterThan(beganMs + 59 * 24 * HOUR_MS);
  });

  test('an empty refresh token is none: the one at hand stays', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    const answer = { access_token: 'new-access-token', expires_in: 3_600, refresh_token: '' };
    expect(await renewedBy(answer, vault)).toBe('new-access-token');
    expect((await vault.read('default'))?.grant).toMatchObject({ refreshToken: FIRST });
  });

  test('a hundred requests at the same moment renew once', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    const workers = [storedTokens(simulator, vault), storedTokens(simulator, place.open())];
    const caller = countingCaller();
    const asked = Array.from({ length: 100 }, (_, i) => workers[i % 2]!.token('default', caller));
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect([exchanges(simulator), caller.permits]).toEqual([1, 1]);
  });

  test('a refused renewal is not asked again, by nobody, until the pair changes', async () => {
    simulator.settings.oauth.refusesRefresh = true;
    await keep(vault, { grant: grantOf(FIRST) });
    const refused =
      'Pinterest refused to renew the credential "default" (HTTP 400, code 1: The refresh token is invalid or was used ' +
      'before.), and it is not asked again. Give consent anew: npx pinterest-ads authorize';
    for (const worker of [storedTokens(simulator, vault), storedTokens(simulator, place.open())]) {
      for (const _ of [1, 2]) {
        const asking = worker.token('default', countingCaller());
        await expect(asking).rejects.toMatchObject({ kind: 'CredentialExpired', message: refused });
      }
    }
    expect(exchanges(simulator)).toBe(1);

    simulator.settings.oauth.refusesRefresh = false;
    const grant = await consented(simulator);
    await keep(vault, { grant });
    const worker = storedTokens(simulator, vault);
    expect(await worker.token('default', countingCaller())).toBe(grant.accessToken);
  });

  test.each([401, 403, 404])(
    'a page of a gateway, HTTP %d, is no refusal of Pinterest’s: it is asked again',
    async (status) => {
      await keep(vault, { grant: grantOf(FIRST) });
      simulator.settings.faults = [{ effect: 'html', status, route: 'token', times: 1 }];
      const stored = storedTokens(simulator, vault);
      await expect(stored.token('default', countingCaller())).rejects.toMatchObject({
        kind: 'CredentialExpired',
        facts: { retried: 'a few times' },
        message: expect.stringMatching(
          /has ended, and could not be renewed: .* is not Pinterest's: HTTP 40\d: /,
        ) as unknown,
      });
      expect(await isAccepted(simulator, await stored.token('default', countingCaller()))).toBe(true);
    },
  );

  test('refused with the secret of another app, it is asked again with the right one', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    const wrong = storedTokens(simulator, vault, { app: { ...APP, secret: 'a-wrong-secret' } });
    await expect(wrong.token('default', countingCaller())).rejects.toThrow('HTTP 401, code 2');
    expect(JSON.stringify(await vault.read('default'))).not.toContain('a-wrong-secret');
    expect(
      await isAccepted(simulator, await storedTokens(simulator, vault).token('default', countingCaller())),
    ).toBe(true);
  });

  test('refused while the access token is still good, that one is used to its end', async () => {
    simulator.settings.oauth.refusesRefresh = true;
    const grant = grantOf(FIRST, 30_000);
    await keep(vault, { grant });
    const stored = storedTokens(simulator, vault);
    for (const _ of [1, 2, 3])
      expect(await stored.token('default', countingCaller())).toBe(grant.accessToken);
    expect(exchanges(simulator)).toBe(1);
    expect(stored.lines).toEqual([expect.stringContaining('Pinterest refused to renew a credential')]);
  });

  test('a token that is refused in the middle leads to one renewal, and every request comes through', async () => {
    const grant = grantOf(FIRST, HOUR_MS);
    await keep(vault, { grant });
    const stored = storedTokens(simulator, vault);
    const transport = new PinterestTransport({ apiUrl: simulator.url, idleTimeoutMs: 10_000 });
    const caller = countingCaller();
    const token = (refused?: string): Promise<string> => stored.token('default', caller, refused);
    const request = { kind: 'other', what: 'the user', method: 'GET', path: '/user_account' } as const;
    await Promise.all(Array.from({ length: 20 }, () => transport.json({ ...caller, token }, request)));
    expect(exchanges(simulator)).toBe(1);
    // Refused once more, at once: it is not the pair's fault, and no storm.
    simulator.settings.faults = [{ effect: 'refuse', status: 401, route: 'other', times: 100 }];
    const asked = Array.from({ length: 20 }, () => transport.json({ ...caller, token }, request));
    for (const end of await Promise.allSettled(asked))
      expect(end).toMatchObject({
        reason: { kind: 'CredentialExpired', message: expect.stringContaining('although it was renewed') },
      });
    expect(exchanges(simulator)).toBe(1);
  });

  test('Pinterest does not renew now: a good token goes on being used, an ended one is asked for again', async () => {
    simulator.settings.faults = [{ effect: 'server-error', route: 'token', times: 2 }];
    const good = grantOf(FIRST, 30_000);
    await keep(vault, { grant: good });
    const first = storedTokens(simulator, vault);
    expect(await first.token('default', countingCaller())).toBe(good.accessToken);
    // For a while it is left alone.
    expect(await first.token('default', countingCaller())).toBe(good.accessToken);
    expect(exchanges(simulator)).toBe(1);

    await keep(vault, { grant: grantOf(FIRST) });
    const second = storedTokens(simulator, vault);
    await expect(second.token('default', countingCaller())).rejects.toMatchObject({
      kind: 'CredentialExpired',
      facts: { retried: 'a few times' },
      message: expect.stringContaining(
        'has ended, and could not be renewed: Pinterest failed on the renewal',
      ),
    });
    expect(await isAccepted(simulator, await second.token('default', countingCaller()))).toBe(true);
  });

  test('a refresh token of the environment replaces what cannot be read, unless Pinterest refuses it', async () => {
    const environment = (token: string) => ({ refreshTokens: new Map([['default', { token }]]) });
    await keep(vault, { grant: grantOf('of-others') });
    const spoilt = await place.openSpoilt();
    const inVain = storedTokens(simulator, spoilt, environment('used-up'));
    for (const _ of [1, 2])
      await expect(inVain.token('default', countingCaller())).rejects.toThrow(/cannot be (read|decrypted)/);
    expect(exchanges(simulator)).toBe(1);
    // Others may be able to read it.
    await expect(spoilt.read('default')).rejects.toThrow(/cannot be (read|decrypted)/);

    const good = storedTokens(simulator, spoilt, environment(FIRST));
    const token = await good.token('default', countingCaller());
    expect(await isAccepted(simulator, token)).toBe(true);
    expect((await spoilt.read('default'))?.grant?.accessToken).toBe(token);
  });

  test('a refresh token of the environment is brought in once; one that replaces it stands above what is kept', async () => {
    const environment = (token: string) => ({ refreshTokens: new Map([['default', { token }]]) });
    const asking = async (token: string): Promise<string> =>
      storedTokens(simulator, place.open(), environment(token)).token('default', countingCaller());
    const first = await asking(FIRST);
    expect(await isAccepted(simulator, first)).toBe(true);
    expect(await asking(FIRST)).toBe(first);
    expect(exchanges(simulator)).toBe(1);

    const { refreshToken } = (await vault.read('default'))!.grant!;
    await keep(vault, {
      grant: grantOf('a-dead-one', HOUR_MS),
      broughtIn: (await vault.read('default'))!.broughtIn,
    });
    const second = await asking(refreshToken);
    expect(await isAccepted(simulator, second)).toBe(true);
    // A bad one harms nobody.
    expect(await asking('mistyped')).toBe(second);
    expect(await asking('mistyped')).toBe(second);
    expect(exchanges(simulator)).toBe(3);
  });

  test('without an app nothing is renewed, and the message names the variables', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    const stored = storedTokens(simulator, vault, { app: undefined });
    await expect(stored.token('default', countingCaller())).rejects.toThrow(
      'The access token of the credential "default" has ended, and this worker cannot renew it: set PINTEREST_APP_ID and PINTEREST_APP_SECRET.',
    );
    await expect(stored.token('nobody', countingCaller())).rejects.toThrow('No token is configured');
    expect(exchanges(simulator)).toBe(0);
  });

  test('an answer that cannot be written is used only once it is', async () => {
    await keep(vault, { grant: grantOf(FIRST) });
    let fails = 2;
    const full: Vault = {
      names: () => vault.names(),
      read: (name) => vault.read(name),
      change: (name, work) =>
        vault.change(name, (kept, keep) =>
          work(kept, (next) => {
            if (fails-- > 0) throw new StoreUnavailable('The disk is full', true);
            return keep(next);
          }),
        ),
    };
    const stored = storedTokens(simulator, full);
    for (const _ of [1, 2])
      await expect(stored.token('default', countingCaller())).rejects.toThrow('The disk is full');
    const token = await stored.token('default', countingCaller());
    expect(await isAccepted(simulator, token)).toBe(true);
    expect((await vault.read('default'))?.grant?.accessToken).toBe(token);
    expect(exchanges(simulator)).toBe(1);
  });
});

test('PostgreSQL: a connection that is lost between the answer and the write costs nothing', async () => {
  simulator = await startSimulator();
  place = await newPlace('postgres');
  vault = place.open();
  await keep(vault, { grant: grantOf(FIRST) });
  let cuts = 0;
  const cut: Vault = {
    names: () => vault.names(),
    read: (name) => vault.read(name),
    change: (name, work) =>
      vault.change(name, (found, keep) =>
        work(found, async (next) => {
          if (cuts++ === 0) await cutConnections(place.storeUrl);
          await keep(next);
        }),
      ),
  };
  const token = await storedTokens(simulator, cut).token('default', countingCaller());
  expect((await place.open().read('default'))?.grant?.accessToken).toBe(token);
  expect(await isAccepted(simulator, token)).toBe(true);
  expect([exchanges(simulator), cuts]).toEqual([1, 2]);
  await simulator.close();
  await place.close();
});
