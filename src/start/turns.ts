// Processes that take turns: a lock file names the one whose turn it is.
import { readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './processes.js';
import { StartError } from './start-error.js';

const RETRY_MS = 50;
/** Longer than a program takes to start or to stop. */
const PATIENCE_MS = 180_000;

const holderOf = (lock: string): number | undefined => {
  try {
    return Number(readlinkSync(lock));
  } catch {
    return undefined;
  }
};

/** A symbolic link is there at once with what it says, so that nobody finds a lock that names no one. */
const take = (lock: string): boolean => {
  try {
    symlinkSync(String(process.pid), lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const holder = holderOf(lock);
    if (holder !== undefined && !isAlive(holder)) rmSync(lock, { force: true }); // it was killed
    return false;
  }
};

/**
 * Does `work` while no other process does work under the same lock.
 * @throws StartError if another one has its turn for too long
 */
export const inTurn = async <T>(lock: string, work: () => Promise<T>): Promise<T> => {
  const deadline = Date.now() + PATIENCE_MS;
  while (!take(lock)) {
    if (Date.now() > deadline)
      throw new StartError(
        `Process ${holderOf(lock)} has held ${lock} for more than ${PATIENCE_MS / 1000} s. If it is no npm start, delete that file; otherwise wait for its end.`,
      );
    await sleep(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
};
