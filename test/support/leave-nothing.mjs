// Nothing of a test run stays: no process that tests started, nor one that such a process started, and no file.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import process from 'node:process';

/** Of a process that has ended meanwhile, or is another user's: nothing. */
const read = (file) => {
  try {
    return readFileSync(file, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
};

/** Every process: its id, its command and its environment. */
const processes = () =>
  process.platform === 'linux'
    ? readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => [Number(pid), read(`/proc/${pid}/cmdline`), read(`/proc/${pid}/environ`)])
    : execFileSync('ps', ['-axEww', '-o', 'pid=,command='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => [Number.parseInt(line), line.trim(), '']);

/**
 * Ends each process whose command or environment names the folder, then removes the folder.
 * @returns the commands of what was ended
 */
export const leaveNothing = (folder) => {
  const left = processes().filter(
    ([pid, command, environment]) => pid !== process.pid && `${command}${environment}`.includes(folder),
  );
  for (const [pid] of left) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return left.map(([, command]) => command);
};
