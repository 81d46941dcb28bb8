// A program that `npm start` has started and that ends by itself: how, and what of its log a person can read.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../../src/start/child.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'child-'));
});
afterEach(() => rm(folder, { recursive: true }));

const run = async (...args: string[]): Promise<{ how: string; tail: string }> => {
  const child = startChild(process.execPath, args, { log: join(folder, 'log') });
  return { how: await child.ended, tail: child.tail() };
};

test('memory that does not suffice is named, and native frames are not told', async () => {
  const hungry = 'const all = []; for (;;) all.push(new Array(10_000).fill({}));';
  const { how, tail } = await run('--max-old-space-size=20', '-e', hungry);
  expect(how).toBe('ran out of memory (NODE_OPTIONS=--max-old-space-size=…, in MB, gives it more)');
  expect(tail).toContain('heap out of memory');
  expect(tail).not.toMatch(/0x[0-9a-f]{6}/);
});

test.each([
  ['process.exit(3)', 'ended with code 3'],
  ["process.kill(process.pid, 'SIGTERM')", 'was ended by SIGTERM'],
  [
    "process.kill(process.pid, 'SIGKILL')",
    'was killed (SIGKILL), perhaps because the machine had no memory left',
  ],
])('%s: %s', async (program, expected) => {
  const { how, tail } = await run(
    '-e',
    `console.error('last words'); ${program}; setInterval(() => 0, 1_000)`,
  );
  expect(how).toBe(expected);
  expect(tail).toBe('last words');
});
