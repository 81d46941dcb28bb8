// Processes of this machine by their ids, whoever started them.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Given to a program before it is killed. */
export const GRACE_MS = 25_000;
const LOOK_MS = 50;

/** One that has ended keeps its id until its parent asks after it; some containers have nobody who does. */
const isZombie = (pid: number): boolean => {
  try {
    return /\) Z [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // no Linux, or it is gone
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !isZombie(pid);
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
};

/** Asks a process to end, kills it if it does not, and returns when it is gone. */
export const end = async (pid: number): Promise<void> => {
  send(pid, 'SIGTERM');
  const deadline = Date.now() + GRACE_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) send(pid, 'SIGKILL');
    await sleep(LOOK_MS);
  }
};
