// `pinterest-ads report` as a person and a program meet it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareTables } from '../../src/activities/prepare-run.js';
import { specOf } from '../store/answers.js';
import { duckdbStore } from '../store/stores.js';
import { bareEnvironment } from '../support/worker-process.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
});

const report = async (...args: string[]): Promise<{ code: number; output: string; errors: string }> => {
  const child = spawn(process.execPath, ['dist/src/cli/main.js', 'report', ...args], {
    env: { ...bareEnvironment(), STORE_URL: `duckdb:${join(folder, 'store.duckdb')}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, output, errors };
};

test('a report is one file, beside the store or where it is wanted', async () => {
  await prepareTables(duckdbStore(join(folder, 'store.duckdb')), specOf());
  const file = join(folder, 'acme-ads-report.html');
  expect(await report('acme-ads')).toMatchObject({
    code: 0,
    errors: '',
    output: expect.stringContaining(file),
  });
  expect(await readFile(file, 'utf8')).toContain('<h1>acme-ads</h1>');
  const wanted = join(folder, 'elsewhere', 'acme.html');
  const { output } = await report('acme-ads', '--out', wanted, '--json');
  expect(JSON.parse(output)).toEqual({ file: wanted, bytes: (await readFile(wanted)).length });
});

test('no store, no such dataflow, nowhere to write: one message with the way out', async () => {
  const absent = await report('acme-ads');
  expect(absent).toMatchObject({ code: 1, output: '' });
  expect(absent.errors).toContain(`no dataflow "acme-ads" in the store ${join(folder, 'store.duckdb')}`);
  expect(absent.errors).toContain('STORE_URL');
  await prepareTables(duckdbStore(join(folder, 'store.duckdb')), specOf());
  expect((await report('acme')).errors).toContain('it holds acme-ads.');
  const unwritable = await report('acme-ads', '--out', folder);
  expect(unwritable.code).toBe(1);
  expect(unwritable.errors).toContain('--out');
  for (const { errors } of [absent, unwritable]) expect(errors).not.toMatch(/^ {4}at /m);
});
