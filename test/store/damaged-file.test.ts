// A DuckDB file that cannot be opened: what its user reads.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBFile } from '../../src/store/duckdb/file.js';
import { storeOn } from '../../src/store/store.js';
import { query } from '../support/store-reader.js';
import { duckdbStore } from './stores.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'damaged-')), 'store.duckdb');
});

/** A process that is killed with changes that stand in the log only: those of `changes`, one after the other. */
const writeAndDie = (table: string, changes: readonly string[]): void => {
  const script = `(async () => {
    const { DuckDBInstance } = require('@duckdb/node-api');
    const connection = await (await DuckDBInstance.create(${JSON.stringify(path)})).connect();
    await connection.run(${JSON.stringify(`CREATE TABLE numbers AS ${table}; CHECKPOINT`)});
    for (const sql of ${JSON.stringify(changes)}) await connection.run(sql);
    process.kill(process.pid, 'SIGKILL');
  })()`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
};

test('a damaged log is named, and what to do with it; without it the file opens as it was before', async () => {
  writeAndDie('SELECT 1 AS number', ['INSERT INTO numbers SELECT * FROM range(1000)']);
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

/** A row of six hundred columns. */
const WIDE_ROW = `SELECT i AS number, ${Array.from({ length: 600 }, (_, i) => `random() AS value_${i}`).join(', ')}`;
const wideRows = (count: number): string =>
  `INSERT INTO numbers ${WIDE_ROW} FROM range(1, ${count}) AS numbered(i)`;
const FIRST_WIDE_ROW = `${WIDE_ROW} FROM range(1) AS numbered(i)`;

test('a log with rows of six hundred columns is read, though that takes more memory than other work', async () => {
  writeAndDie(FIRST_WIDE_ROW, [wideRows(1_000), wideRows(1_000), 'DELETE FROM numbers WHERE number > 900']);
  await duckdbStore(path).schemas.make('acme-ads');
  expect(await query(path, 'SELECT count(*)::INTEGER AS rows FROM numbers')).toEqual([{ rows: 1_801 }]);
});

test('a log that takes more memory than there is for it is not called damaged', async () => {
  writeAndDie(FIRST_WIDE_ROW, [wideRows(1_000), wideRows(1_000)]);
  const small = new DuckDBFile(path, { memoryLimit: '200MB', memoryLimitForLog: '250MB' });
  const failure = storeOn(small).schemas.make('acme-ads');
  await expect(failure).rejects.toMatchObject({
    kind: 'StoreUnavailable',
    message: expect.stringContaining(`its last changes, ${path}.wal, takes more memory than 250MB`) as string,
  });
  await expect(failure).rejects.not.toThrow('is damaged');
  await duckdbStore(path).schemas.make('acme-ads');
  expect(await query(path, 'SELECT count(*)::INTEGER AS rows FROM numbers')).toEqual([{ rows: 1_999 }]);
});

test('a file that is none of DuckDB’s is named', async () => {
  await writeFile(path, 'no database');
  await expect(duckdbStore(path).cells.granularities('acme-ads')).rejects.toThrow(
    `The store ${path} cannot be opened`,
  );
});
