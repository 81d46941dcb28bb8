// Places where credentials are kept, each a fresh one; and credentials to keep there.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Simulator } from '../../simulator/server.js';
import { NOTHING_KEPT, type Kept } from '../../src/credentials/kept.js';
import { openVault } from '../../src/credentials/open-vault.js';
import { StoredTokens, type StoredTokensOptions } from '../../src/credentials/stored-tokens.js';
import type { Vault } from '../../src/credentials/vault.js';
import type { Grant } from '../../src/pinterest/oauth.js';
import { PinterestTransport, type Caller } from '../../src/pinterest/transport.js';
import { newDatabase } from './databases.js';
import { query } from './store-reader.js';

export const APP = { id: 'simulator-app', secret: 'simulator-secret' };
const HOUR_MS = 3_600_000;

export interface Place {
  storeUrl: string;
  key: Buffer;
  /** As another process would. */
  open(): Vault;
  /** As a process to which what is kept as `default` says nothing: it is damaged, or under another key. */
  openSpoilt(): Promise<Vault>;
  close(): Promise<void>;
}

export const newPlace = async (kind: 'duckdb' | 'postgres'): Promise<Place> => {
  const key = randomBytes(32);
  const folder = await mkdtemp(join(tmpdir(), 'vault-'));
  const storeUrl = kind === 'duckdb' ? `duckdb:${join(folder, 'store.duckdb')}` : await newDatabase();
  return {
    storeUrl,
    key,
    open: () => openVault(storeUrl, key),
    openSpoilt: async () => {
      if (kind === 'postgres') return openVault(storeUrl, randomBytes(32));
      await writeFile(join(folder, 'credentials', 'default.json'), 'damaged');
      return openVault(storeUrl, key);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
};

/** As a server does that is restarted. */
export const cutConnections = async (storeUrl: string): Promise<void> => {
  const others = 'datname = current_database() AND pid <> pg_backend_pid()';
  await query(storeUrl, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${others}`);
};

/** A pair whose access token nobody knows, and that ends in `leftMs` of `lifeMs`. */
export const grantOf = (refreshToken: string, leftMs = -1, lifeMs = HOUR_MS): Grant => ({
  accessToken: `old-access-token-${randomBytes(8).toString('hex')}`,
  accessTokenExpiresAtMs: Date.now() + leftMs,
  obtainedAtMs: Date.now() + leftMs - lifeMs,
  refreshToken,
  refreshTokenExpiresAtMs: Date.now() + 60 * 24 * HOUR_MS,
  scopes: ['ads:read'],
});

export const keep = (vault: Vault, kept: Partial<Kept>, name = 'default'): Promise<void> =>
  vault.change(name, (_, keep) => keep({ ...NOTHING_KEPT, ...kept }));

/** A pair as somebody who gave consent has it, its access token good for an hour; once for each code. */
export const consented = async (simulator: Simulator): Promise<Grant> => {
  const { code } = simulator.settings.oauth;
  const answer = await fetch(`${simulator.url}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${APP.id}:${APP.secret}`)}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code, redirect_uri: 'http://localhost/' }),
  });
  if (!answer.ok) throw new Error(`No consent: ${await answer.text()}`);
  const given = (await answer.json()) as Record<string, string>;
  return { ...grantOf(given['refresh_token']!, HOUR_MS), accessToken: given['access_token']! };
};

/** Codes and refresh tokens that were exchanged, or tried to be. */
export const exchanges = (simulator: Simulator): number =>
  simulator.log.filter(({ route }) => route === 'token').length;

export const isAccepted = async (simulator: Simulator, token: string): Promise<boolean> =>
  (await fetch(`${simulator.url}/user_account`, { headers: { authorization: `Bearer ${token}` } })).ok;

/** What a worker has for its stored credentials; a log that remembers. */
export const storedTokens = (
  simulator: Simulator,
  vault: Vault,
  changes: Partial<StoredTokensOptions> = {},
): StoredTokens & { lines: string[] } => {
  const lines: string[] = [];
  const log = (facts: object, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(facts)}`);
  const { url: apiUrl } = simulator;
  const stored = new StoredTokens({
    vault,
    transport: new PinterestTransport({ apiUrl, idleTimeoutMs: 10_000 }),
    apiUrl,
    app: APP,
    refreshTokens: new Map(),
    log: { info: log, warn: log },
    ...changes,
  });
  return Object.assign(stored, { lines });
};

/** What a renewal passes: it counts permits and calls. */
export const countingCaller = (): Omit<Caller, 'token'> & { permits: number; calls: string[] } => {
  const caller = {
    permits: 0,
    calls: [] as string[],
    gate: {
      take: () => {
        caller.permits += 1;
        return Promise.resolve({ done: () => {}, undo: () => void (caller.permits -= 1) });
      },
      hold: () => Promise.resolve(),
      end: () => Promise.resolve(),
    },
    counter: {
      started: (kind: string) => {
        caller.calls.push(kind);
        return () => void caller.calls.pop();
      },
      failed: () => {},
    },
  };
  return caller;
};
