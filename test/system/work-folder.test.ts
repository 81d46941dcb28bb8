// Where a worker stages answers: gone with the worker, and what one left behind that was killed goes with the next start.
import { mkdir, mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Harness } from '../support/harness.js';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

let harness: Harness;
let parent: string;
let workers: WorkerProcess[];
beforeEach(async () => {
  harness = await Harness.start({ worker: false });
  parent = await mkdtemp(join(tmpdir(), 'work-folder-'));
  workers = [];
});
afterEach(async () => {
  for (const worker of workers) await worker.kill();
  await harness.close();
});

const foldersIn = async (): Promise<string[]> =>
  (await readdir(parent, { withFileTypes: true })).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );

/** A worker, and the folder that came with it. */
const startWorker = async (): Promise<{ worker: WorkerProcess; folder: string }> => {
  const before = await foldersIn();
  const worker = await startWorkerProcess({ ...harness.environment, TMPDIR: parent });
  workers.push(worker);
  const [folder, ...others] = (await foldersIn()).filter((name) => !before.includes(name));
  expect(others).toEqual([]);
  return { worker, folder: folder! };
};

test('is taken back after kill -9, with all in it; those of workers that live stay', async () => {
  const first = await startWorker();
  const second = await startWorker();
  await mkdir(join(parent, first.folder, 'answers'), { recursive: true });
  await writeFile(join(parent, first.folder, 'answers/0.ndjson'), '{}');
  expect((await stat(join(parent, first.folder))).mode & 0o777).toBe(0o700);
  await first.worker.kill('SIGKILL');
  expect(await foldersIn()).toEqual(expect.arrayContaining([first.folder, second.folder]));

  const third = await startWorker();
  expect((await foldersIn()).toSorted()).toEqual([second.folder, third.folder].toSorted());
  expect(third.worker.log()).toContain('took back what killed workers had left');

  await second.worker.kill('SIGTERM');
  await third.worker.kill('SIGTERM');
  expect(await readdir(parent)).toEqual([]);
});

test('of a worker that was killed while it made it, too', async () => {
  await writeFile(join(parent, 'pinterest-ads-cut-short.lock'), '');
  await writeFile(join(parent, 'pinterest-ads-torn.lock'), 'half a file');
  const { worker } = await startWorker();
  await worker.kill('SIGTERM');
  expect(await readdir(parent)).toEqual([]);
});

test('is no other program’s', async () => {
  for (const name of ['pinterest-ads-without-lock', 'another.lock']) await mkdir(join(parent, name));
  const { worker } = await startWorker();
  await worker.kill('SIGTERM');
  expect((await readdir(parent)).toSorted()).toEqual(['another.lock', 'pinterest-ads-without-lock']);
});
