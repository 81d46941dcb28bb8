// A Temporal server of a test's own, with its state in a file: to be killed, and started again where it was.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { freePort } from '../../src/start/ports.js';
import { temporalBinary } from '../../src/start/temporal-binary.js';

export class TemporalProcess {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly binary: string,
    private readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(folder: string): Promise<TemporalProcess> {
    const server = new TemporalProcess(await temporalBinary(), await freePort(), folder);
    await server.start();
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const log = openSync(join(this.folder, 'temporal.log'), 'a');
    const place = ['--headless', '--ip', '127.0.0.1', '--port', String(this.port)];
    const state = ['--db-filename', join(this.folder, 'temporal.db')];
    const child = spawn(this.binary, ['server', 'start-dev', ...place, ...state, '--log-level', 'warn'], {
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    while (!(await this.answers())) {
      if (child.exitCode !== null) throw new Error(`Temporal ended; see ${this.folder}/temporal.log`);
      await sleep(50);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  }

  private async answers(): Promise<boolean> {
    try {
      await (await Connection.connect({ address: this.address, connectTimeout: 500 })).close();
      return true;
    } catch {
      return false;
    }
  }
}
