// A process that imports this kills itself at a step of getting tokens and keeping them: the one that CRASH_AT names.
import process from 'node:process';
import { FileVault } from '../../dist/src/credentials/file-vault.js';
import { PostgresVault } from '../../dist/src/credentials/postgres-vault.js';
import { PinterestTransport } from '../../dist/src/pinterest/transport.js';
import { PostgresSession } from '../../dist/src/store/postgres/session.js';

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

/** Not after a change that kept nothing new. */
const crashAfterKeeping = (type) =>
  wrap(type, 'change', async (call, args) => {
    const [, work] = args;
    let kept = false;
    args[1] = (found, keep) =>
      work(found, (next) => {
        kept = true;
        return keep(next);
      });
    const result = await call();
    if (kept) process.kill(process.pid, 'SIGKILL');
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
    crashAfterKeeping(FileVault);
    crashAfterKeeping(PostgresVault);
  },
};

const { CRASH_AT } = process.env;
if (CRASH_AT) points[CRASH_AT]();
