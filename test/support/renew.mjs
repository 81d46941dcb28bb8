// A process that asks for the token of a credential once it is told to, writes it, and ends; or kills itself at the point
// CRASH_AT (crash-at.mjs).
import { once } from 'node:events';
import process from 'node:process';
import './crash-at.mjs';
import { openVault } from '../../dist/src/credentials/open-vault.js';
import { StoredTokens } from '../../dist/src/credentials/stored-tokens.js';
import { PinterestTransport } from '../../dist/src/pinterest/transport.js';

const { API_URL: apiUrl, STORE_URL: storeUrl, KEY } = process.env;

const log = { info: () => {}, warn: () => {} };
const stored = new StoredTokens({
  vault: openVault(storeUrl, Buffer.from(KEY, 'base64')),
  transport: new PinterestTransport({ apiUrl, idleTimeoutMs: 10_000 }),
  apiUrl,
  app: { id: 'simulator-app', secret: 'simulator-secret' },
  refreshTokens: new Map(),
  log,
});
const gate = {
  take: async () => ({ done: () => {}, undo: () => {} }),
  hold: async () => {},
  end: async () => {},
};
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const token = await stored.token('default', { gate, counter: { started: () => () => {}, failed: () => {} } });
process.stdout.write(`${token}\n`, () => process.exit());
