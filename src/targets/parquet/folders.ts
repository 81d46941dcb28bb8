// A target's folder: where its parts are, and writing there so that no reader sees half of a file.
import { randomUUID } from 'node:crypto';
import { open, readdir, realpath, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { KnownError } from '../../dataflow/failures.js';
import { makeFolder } from '../../store/folder.js';
import type { Partition } from '../target.js';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** What passes by itself, most likely: a network's file system that is away. */
const PASSING = new Set([
  'EIO',
  'ESTALE',
  'ETIMEDOUT',
  'EHOSTDOWN',
  'ENOTCONN',
  'EMFILE',
  'ENFILE',
  'EBUSY',
  'EAGAIN',
]);

/** An error of the file system in words for a person; a full disk keeps its own, which say so already. */
export const explained = (error: unknown, folder: string): unknown => {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined || code === 'ENOSPC' || error instanceof KnownError) return error;
  const kind = PASSING.has(code) ? 'TargetUnavailable' : 'TargetRefused';
  return new KnownError(kind, `The folder ${folder} cannot be written: ${message}. Check PARQUET_FOLDER.`);
};

/** `campaign_analytics/ad_account_id=549755885175/week=2026-05-04`: names that DuckDB, pandas and Spark read as columns. */
export const folderOf = ({ table, adAccountId, week }: Partition): string =>
  join(table, `ad_account_id=${adAccountId}`, `week=${week}`);

/**
 * Makes the folder `path` below `parent`, open to its owner alone.
 * @returns it, without symbolic links
 * @throws KnownError `TargetRefused` if links lead out of `parent`; nothing is made out there
 */
export const makeRoot = async (parent: string, path: string): Promise<string> => {
  makeFolder(resolve(parent), FOLDER_MODE);
  const top = await realpath(parent);
  const inside = top.endsWith(sep) ? top : top + sep;
  let root = top;
  for (const name of path.split('/')) {
    const folder = join(root, name);
    makeFolder(folder, FOLDER_MODE);
    root = await realpath(folder);
    if (root.startsWith(inside)) continue;
    const message = `${path} leads out of PARQUET_FOLDER by a symbolic link; name another path`;
    throw new KnownError('TargetRefused', message);
  }
  return root;
};

export const makePartFolder = (folder: string): void => makeFolder(folder, FOLDER_MODE);

/** Opens a file that was just written to its owner alone, and has it on the disk. */
export const secured = async (file: string): Promise<void> => {
  const handle = await open(file, 'r+');
  try {
    await handle.chmod(FILE_MODE);
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The text of a small file, replaced as a whole. */
export const writeText = async (file: string, text: string): Promise<void> => {
  const beside = join(dirname(file), `.${basename(file)}.${randomUUID()}.tmp`);
  const handle = await open(beside, 'w', FILE_MODE);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, file);
};

/** True if no Parquet file stands in a folder, however deep. */
export const holdsNoParquet = async (folder: string): Promise<boolean> => {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (
      entry.isDirectory()
        ? !(await holdsNoParquet(join(folder, entry.name)))
        : entry.name.endsWith('.parquet')
    )
      return false;
  }
  return true;
};

/** Deletes a file, and the folders that it leaves empty below `root`. */
export const removePart = async (root: string, file: string): Promise<void> => {
  await rm(file, { force: true });
  for (let folder = dirname(file); folder.length > root.length; folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
      if (code !== 'ENOENT') throw error;
    }
  }
};
