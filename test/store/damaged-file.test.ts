// A DuckDB file that cannot be opened: what its user reads.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '../support/store-reader.js';
import { duckdbStore } from './stores.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'damaged-')), 'store.duckdb');
});

/** A process that is killed with changes that stand in the log only. */
const writeAndDie = (): void => {
  const script = `(async () => {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(${JSON.stringify(path)})).connect();
    await connection.run('CREATE TABLE numbers AS SELECT 1 AS number; CHECKPOINT');
    await connection.run('INSERT INTO numbers SELECT * FROM range(1000)');
    process.kill(process.pid, 'SIGKILL');
  })()`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
};

test('a damaged log is named, and what to do with it; without it the file opens as it was before', async () => {
  writeAndDie();
  const log = `${path}.wal`;
  const bytes = await readFile(log);
  bytes[bytes.length >> 1]! ^= 0xff;
  await writeFile(log, bytes);

  const failure = duckdbStore(path).cells.granularities('acme-ads');
  await expect(failure).rejects.toMatchObject({
    kind: 'StoreUnavailable',
    message: expect.stringContaining(`the log of its last changes, ${log}, is damaged`) as string,
  });
  await expect(failure).rejects.toThrow('Move that file away');
  await expect(failure).rejects.not.toThrow('Check that it is a DuckDB file');

  await rename(log, `${log}.aside`);
  expect(await query(path, 'SELECT number FROM numbers')).toEqual([{ number: 1 }]);
});

test('a file that is none of DuckDB’s is named', async () => {
  await writeFile(path, 'no database');
  await expect(duckdbStore(path).cells.granularities('acme-ads')).rejects.toThrow(
    `The store ${path} cannot be opened`,
  );
});
