// The worker as its own process, `npm run worker`, to be killed like one.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** Standard error so far: the log. */
  log(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export const startWorkerProcess = async (environment: Record<string, string>): Promise<WorkerProcess> => {
  const child = spawn(process.execPath, ['dist/src/worker.js'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  const up = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      log += bytes.toString();
      if (log.includes('worker is up')) resolve();
    });
    child.once('exit', () => reject(new Error(`The worker ended: ${log}`)));
  });
  await up;
  return {
    process: child,
    log: () => log,
    kill: async (signal = 'SIGKILL') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill(signal);
      await exit;
    },
  };
};
