// A worker program that is started again whenever it ends, as an operator's supervisor would.
import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** After a start that failed, e.g. while Temporal is away. */
const PAUSE_MS = 200;

export class Supervisor {
  private stopped = false;
  private worker: WorkerProcess | undefined;
  private readonly ups = new EventEmitter();
  private readonly running: Promise<void>;
  /** Starts that came to nothing, and the logs of workers that ended by themselves. */
  readonly mishaps: string[] = [];

  constructor(
    private readonly environment: Record<string, string>,
    private readonly program: string,
  ) {
    this.running = this.supervise();
  }

  /** Kills the worker that is up, or the next one that comes up. */
  async kill(): Promise<void> {
    if (!this.worker) await once(this.ups, 'up');
    await this.worker!.kill('SIGKILL');
    this.worker = undefined;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.worker?.kill('SIGKILL');
    await this.running;
  }

  private async supervise(): Promise<void> {
    while (!this.stopped) {
      try {
        const worker = await startWorkerProcess(this.environment, this.program);
        const ended = once(worker.process, 'exit');
        this.worker = worker;
        this.ups.emit('up');
        if (this.stopped) await worker.kill('SIGKILL');
        await ended;
        this.worker = undefined;
        if (worker.process.signalCode !== 'SIGKILL') this.mishaps.push(worker.log().slice(-500));
      } catch (error) {
        this.mishaps.push((error as Error).message.slice(0, 500));
        await sleep(PAUSE_MS);
      }
    }
  }
}
