// The worker's own folder for what it stages. One that could not clear it is cleared up after by the next worker.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const PREFIX = 'pinterest-ads-';
/** Beside the folder, there before it and gone after it: a folder with a lock that nobody holds belongs to nobody. */
const LOCK = '.lock';

export interface WorkFolder {
  path: string;
  /** How many folders of workers that were killed were taken back. */
  takenBack: number;
  remove(): Promise<void>;
}

type Lock = Pick<DuckDBInstance, 'closeSync'>;

/**
 * Holds a file until it is closed or this process ends, however it ends. The operating system sees to that, also across
 * containers, where process ids would repeat: it is what keeps a DuckDB file one process's own.
 * @returns undefined if another process holds it, or another user has made it
 */
const hold = async (file: string): Promise<Lock | undefined> => {
  try {
    return await DuckDBInstance.create(file, { threads: '1' });
  } catch (error) {
    if (/Could not set lock|ermission denied/.test((error as Error).message)) return undefined;
    // Its worker was killed while it made the file; nobody holds it.
    return { closeSync: () => undefined };
  }
};

const clear = async (folder: string, lock: Lock): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}${LOCK}`, { force: true });
  lock.closeSync();
};

/** Removes what workers left behind that were killed, and leaves alone what belongs to those that live. */
const takeBack = async (parent: string): Promise<number> => {
  const locks = (await readdir(parent)).filter((name) => name.startsWith(PREFIX) && name.endsWith(LOCK));
  let count = 0;
  for (const name of locks) {
    const lock = await hold(join(parent, name));
    if (!lock) continue;
    await clear(join(parent, name.slice(0, -LOCK.length)), lock);
    count++;
  }
  return count;
};

/** @param parent the system's folder for temporary files, which workers share */
export const makeWorkFolder = async (parent: string): Promise<WorkFolder> => {
  const takenBack = await takeBack(parent);
  for (;;) {
    const path = join(parent, `${PREFIX}${randomUUID()}`);
    // None if another worker that starts now has taken the new file for one left behind.
    const lock = await hold(`${path}${LOCK}`);
    if (!lock) continue;
    await mkdir(path, { mode: 0o700 });
    return { path, takenBack, remove: () => clear(path, lock) };
  }
};
