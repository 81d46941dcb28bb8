// The worker as its own process, `npm run worker`, to be killed like one.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface WorkerProcess {
  readonly process: ChildProcess;
  /** How long it took to come up. */
  readonly startedInMs: number;
  /** Everything it wrote so far. */
  log(): string;
  /** Resolves when it has written that. */
  said(words: string): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** What a program needs to run at all, of the environment that the tests run in. */
export const bareEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(['PATH', 'HOME', 'TMPDIR'].map((name) => [name, process.env[name]]));

/** @param program the worker's, or one that imports it */
export const startWorkerProcess = async (
  environment: Record<string, string>,
  program = 'dist/src/worker.js',
): Promise<WorkerProcess> => {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [program], {
    env: { ...bareEnvironment(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  let log = '';
  child.stdout.on('data', (bytes: Buffer) => (log += bytes.toString()));
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
    startedInMs: performance.now() - startedAtMs,
    log: () => log,
    said: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const isSaid = log.includes(words);
          if (!isSaid && !child.stderr.closed) return;
          child.stderr.off('data', look).off('close', look);
          if (isSaid) resolve();
          else reject(new Error(`The worker ended and never said ${words}: ${log}`));
        };
        child.stderr.on('data', look).on('close', look);
        look();
      }),
    ended,
    kill: async (signal = 'SIGKILL') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await ended;
    },
  };
};
