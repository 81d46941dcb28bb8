// The worker program of the tests, that kills itself at the point CRASH_AT, the CRASH_TIMES-th time it comes there; or, by the signal
// SIGSTOP as CRASH_BY, falls asleep there.
import process from 'node:process';
import { Staging } from '../../dist/src/loading/staging.js';
import { PinterestTransport } from '../../dist/src/pinterest/transport.js';
import { Permits } from '../../dist/src/quota/permits/permits.js';
import { Deliveries } from '../../dist/src/store/deliveries.js';
import { DuckDBSession } from '../../dist/src/store/duckdb/session.js';
import { PostgresSession } from '../../dist/src/store/postgres/session.js';
import { ExperiencePlatformDataset } from '../../dist/src/targets/experience-platform/experience-platform-target.js';
import { ParquetFolder } from '../../dist/src/targets/parquet/parquet-target.js';

const { CRASH_AT, CRASH_TIMES = '1', CRASH_BY = 'SIGKILL' } = process.env;
let left = Number(CRASH_TIMES);
const crash = () => {
  left -= 1;
  if (left !== 0) return;
  process.stderr.write(`${CRASH_BY} at: ${CRASH_AT}\n`);
  process.kill(process.pid, CRASH_BY);
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
  for (const session of [DuckDBSession, PostgresSession]) {
    wrap(session, 'run', (call, [sql]) => {
      if (/^INSERT INTO \S*_analytics"/.test(sql)) replaced = true;
      if (sql !== 'COMMIT' || !replaced) return call();
      replaced = false;
      return around(call);
    });
  }
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
  'delivery intended': () => crashAfter(Deliveries, 'intend'),
  'delivery noted': () => crashAfter(Deliveries, 'note'),
  'part written': () => crashAfter(ParquetFolder, 'upload'),
  'part in place': () => crashAfter(ParquetFolder, 'complete'),
  'delivery settled': () => crashAfter(Deliveries, 'settle'),
  'part removed': () => crashAfter(ParquetFolder, 'remove'),
  'set up': () => crashAfter(ExperiencePlatformDataset, 'prepare'),
  'batch begun': () => crashAfter(ExperiencePlatformDataset, 'begin'),
  'batch uploaded': () => crashAfter(ExperiencePlatformDataset, 'upload'),
  'batch completed': () => crashAfter(ExperiencePlatformDataset, 'complete'),
  'batch looked at': () => crashAfter(ExperiencePlatformDataset, 'look'),
  'removal intended': () => crashAfter(Deliveries, 'intendRemoval'),
  'batch reverted': () => crashAfter(ExperiencePlatformDataset, 'remove'),
};
points[CRASH_AT]();

await import('./worker.mjs');
