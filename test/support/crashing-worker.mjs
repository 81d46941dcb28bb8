// The worker program, that kills itself at the point CRASH_AT, the CRASH_TIMES-th time it comes there.
import process from 'node:process';
import { DuckDBConnection } from '@duckdb/node-api';
import { Staging } from '../../dist/src/loading/staging.js';
import { PinterestTransport } from '../../dist/src/pinterest/transport.js';
import { Permits } from '../../dist/src/quota/permits.js';

const { CRASH_AT, CRASH_TIMES = '1' } = process.env;
let left = Number(CRASH_TIMES);
const crash = () => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};

/** Puts `around(method, args)` in the place of a method of all objects of a class. */
const wrap = ({ prototype }, name, around) => {
  const method = prototype[name];
  prototype[name] = function wrapped(...args) {
    return around(() => Reflect.apply(method, this, args), args);
  };
};
const crashAfter = (type, name, when = () => true) =>
  wrap(type, name, async (call, args) => {
    const result = await call();
    if (when(...args)) crash();
    return result;
  });

/** Around the COMMIT of a transaction that has replaced rows of analytics. */
const aroundCommit = (around) => {
  let replaced = false;
  wrap(DuckDBConnection, 'run', (call, [sql]) => {
    if (/^INSERT INTO \S*_analytics"/.test(sql)) replaced = true;
    if (sql !== 'COMMIT' || !replaced) return call();
    replaced = false;
    return around(call);
  });
};

const points = {
  'permit taken': () => crashAfter(Permits, 'take'),
  'answer staged': () => crashAfter(Staging, 'finish'),
  'before commit': () =>
    aroundCommit((commit) => {
      crash();
      return commit();
    }),
  'after commit': () =>
    aroundCommit(async (commit) => {
      await commit();
      crash();
    }),
  'report asked for': () =>
    crashAfter(PinterestTransport, 'json', (_caller, { method }) => method === 'POST'),
};
points[CRASH_AT]();

await import('../../dist/src/worker.js');
