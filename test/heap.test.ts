// A worker's heaps stay small: those of the threads that it begins, in which its workflows live.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A thread that has 300,000 small objects alive and replaces them twenty times; MiB that its heap took at most. */
const THREAD = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { parentPort } from 'node:worker_threads';
  const LIVE = 300_000;
  const most = { new_space: 0, old_space: 0 };
  const live = [];
  for (let i = 0; i < 20 * LIVE; i++) {
    live[i % LIVE] = { i, list: [i] };
    if (i < LIVE || i % 10_000 > 0) continue;
    for (const { space_name: name, space_size: bytes } of getHeapSpaceStatistics())
      if (name in most) most[name] = Math.max(most[name], bytes / 2 ** 20);
  }
  parentPort.postMessage(most);`;

const heapOf = async (first: string): Promise<{ new_space: number; old_space: number; said: string }> => {
  const program = `
    import { Worker } from 'node:worker_threads';
    ${first}
    new Worker(${JSON.stringify(THREAD)}, { eval: true }).on('message', (most) => console.log(JSON.stringify(most)));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '-e',
    program,
  ]);
  return { ...(JSON.parse(stdout) as { new_space: number; old_space: number }), said: stderr };
};

test('threads take a fraction of what V8 gives them else, and this Node knows the flags', async () => {
  const usual = await heapOf('');
  const small = await heapOf(`(await import('./dist/src/heap.js')).keepHeapsSmall();`);
  expect(small.said).toBe('');
  expect(small.new_space).toBeLessThanOrEqual(usual.new_space / 2);
  expect(small.old_space).toBeLessThanOrEqual(usual.old_space / 2);
});
