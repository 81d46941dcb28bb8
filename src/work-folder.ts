// A program's own folder for what it works on. Of one that was killed, the next program with the same parent clears it up.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { holdFile, type Lock } from './engine/lock-file.js';

const PREFIX = 'pinterest-ads-';
/** Beside the folder, there before it and gone after it: a folder with a lock that nobody holds belongs to nobody. */
const LOCK = '.lock';

export interface WorkFolder {
  path: string;
  /** How many folders of programs that were killed were taken back. */
  takenBack: number;
  remove(): Promise<void>;
}

/** A file whose program was killed while it made it is held by nobody. */
const hold = (file: string): Promise<Lock | undefined> =>
  holdFile(file).catch(() => ({ closeSync: () => undefined }));

const clear = async (folder: string, lock: Lock): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await rm(`${folder}${LOCK}`, { force: true });
  lock.closeSync();
};

/** Removes what programs left behind that were killed, and leaves alone what belongs to those that live. */
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

/** @param parent the system's folder for temporary files, which programs share */
export const makeWorkFolder = async (parent: string): Promise<WorkFolder> => {
  const takenBack = await takeBack(parent);
  for (;;) {
    const path = join(parent, `${PREFIX}${randomUUID()}`);
    // None if another program that starts now has taken the new file for one left behind.
    const lock = await hold(`${path}${LOCK}`);
    if (!lock) continue;
    await mkdir(path, { mode: 0o700 });
    return { path, takenBack, remove: () => clear(path, lock) };
  }
};
