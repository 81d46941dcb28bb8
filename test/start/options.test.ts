// The command line of `npm start`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf, readOptions } from '../../src/start/options.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'options-'));
  file = join(folder, 'spec.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('--stay is heard, also if npm took it for its own', async () => {
  await writeFile(file, '{}');
  expect(readOptions([file], {}).stay).toBe(false);
  expect(readOptions([file, '--stay'], {}).stay).toBe(true);
  expect(readOptions([file], { npm_config_stay: 'true' }).stay).toBe(true);
});

test('the example is run if no spec is given', () => {
  expect(readOptions([], {})).toMatchObject({ file: 'examples/backfill.json', spec: { name: 'acme-ads' } });
});

test('the command of options leads to the same options', () => {
  expect(commandOf({ file: 'examples/backfill.json', stay: false })).toBe('npm start');
  expect(commandOf({ file: 'examples/backfill.json', stay: true })).toBe('npm start -- --stay');
  expect(commandOf({ file: 'mine.json', stay: true })).toBe('npm start -- mine.json --stay');
});

test('a spec saved with a byte order mark is read', async () => {
  await writeFile(file, '\uFEFF{"name": "acme-ads"}\r\n');
  expect(readOptions([file], {}).spec).toEqual({ name: 'acme-ads' });
});

test.each([
  ['{\n  "name": "a",\n}', /line 3, column 1: .*but got '}'$/],
  ['{\r\n  "name": a }', /line 2, column 11: /],
  ['{"a": "b\n"}', /line 1, column 9: Invalid character '\\n'$/],
  ['{"name":', /line 1, column 9: /],
  ['', /line 1, column 1: .*end of input$/],
  ['{} {}', /line 1, column 4: /],
])('%j is not JSON, and the message says where', async (text, message) => {
  await writeFile(file, text);
  expect(() => readOptions([file], {})).toThrow(message);
  expect(() => readOptions([file], {})).toThrow(`The dataflow spec ${file} is not JSON: line `);
});
