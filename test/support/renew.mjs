// A process that asks for the token of a credential once it is told to, writes it, and ends; or kills itself at the point
// CRASH_AT.
import { once } from 'node:events';
import process from 'node:process';
import { FileVault } from '../../dist/src/credentials/file-vault.js';
import { openVault } from '../../dist/src/credentials/open-vault.js';
import { PostgresVault } from '../../dist/src/credentials/postgres-vault.js';
import { StoredTokens } from '../../dist/src/credentials/stored-tokens.js';
import { PinterestTransport } from '../../dist/src/pinterest/transport.js';
import { PostgresSession } from '../../dist/src/store/postgres/session.js';

const { API_URL: apiUrl, STORE_URL: storeUrl, KEY, CRASH_AT } = process.env;

/** Puts `around(call, args)` in the place of a method of all objects of a class. */
const wrap = ({ prototype }, name, around) => {
  const method = prototype[name];
  prototype[name] = function wrapped(...args) {
    return around(() => Reflect.apply(method, this, args), args);
  };
};
const crashBefore = (type, name, when = () => true) =>
  wrap(type, name, (call, args) => {
    if (when(...args)) process.kill(process.pid, 'SIGKILL');
    return call();
  });
const crashAfter = (type, name, when = () => true) =>
  wrap(type, name, async (call, args) => {
    const result = await call();
    if (when(...args)) process.kill(process.pid, 'SIGKILL');
    return result;
  });

const points = {
  'before the question': () => crashBefore(PinterestTransport, 'json'),
  'after the answer': () => crashAfter(PinterestTransport, 'json'),
  'after the write': () => {
    crashAfter(FileVault, 'replace');
    crashAfter(PostgresSession, 'run', (sql) => sql.startsWith('INSERT INTO _pinterest_ads'));
  },
  'after all': () => {
    crashAfter(FileVault, 'change');
    crashAfter(PostgresVault, 'change');
  },
};
if (CRASH_AT) points[CRASH_AT]();

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
