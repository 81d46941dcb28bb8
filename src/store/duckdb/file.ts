// The DuckDB file: opened for one piece of work at a time and closed again, so that people can query it in between.
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import { makeFolder } from '../folder.js';
import type { Database, Session } from '../sql/session.js';
import { StoreUnavailable } from '../store-unavailable.js';
import { DuckDBSession } from './session.js';

const LOCK_RETRY_MS = 200;

export interface FileOptions {
  /** How long to wait for another process that holds the file. */
  lockWaitMs: number;
  memoryLimit: string;
}

const DEFAULTS: FileOptions = { lockWaitMs: 10_000, memoryLimit: '256MB' };

const explain = (path: string, message: string, waitedMs: number): StoreUnavailable => {
  const holder = /Conflicting lock is held in (.+?) \(PID (\d+)\)/.exec(message);
  if (holder || /Could not set lock/.test(message)) {
    const who = holder ? `process ${holder[2]} (${holder[1]})` : 'another process';
    return new StoreUnavailable(
      `The store ${path} is held by ${who}; waited ${Math.round(waitedMs / 1000)} s for it. ` +
        'Close that program (a DuckDB shell holds its file while it is open), or name another file.',
      true,
    );
  }
  const [words] = message.split('\n');
  const log = /replaying WAL file "(.+?)"/.exec(message)?.[1];
  if (log) {
    return new StoreUnavailable(
      `The store ${path} cannot be opened, since the log of its last changes, ${log}, is damaged: ${words}. ` +
        `Move that file away: the store is as it was before those changes then, and the next run reads again what it lacks. ` +
        'Or bring both files back from one backup.',
      false,
    );
  }
  return new StoreUnavailable(
    `The store ${path} cannot be opened: ${words}. Check that it is a DuckDB file in a folder that is writable, or name another one.`,
    false,
  );
};

/** Others who wait for the file get it after this time, however much work is in line here. */
const LONGEST_HOLD_MS = 5_000;
const GAP_MS = 250;

export class DuckDBFile implements Database {
  /** Two openings of one file in one process would not see each other: all work in this process takes turns. */
  private readonly turn = new Mutex();
  private held: { instance: DuckDBInstance; sinceMs: number } | undefined;
  private inLine = 0;
  private readonly named = new Map<string, Mutex>();

  constructor(
    readonly path: string,
    private readonly options: FileOptions = DEFAULTS,
  ) {}

  /**
   * Runs `work` alone on the open file. The file is closed behind it unless more work is in line: opening takes longer
   * the more dataflows live in it. Waits `lockWaitMs` for another process that holds it.
   */
  use<T>(work: (session: Session) => Promise<T>, lockWaitMs = this.options.lockWaitMs): Promise<T> {
    this.inLine += 1;
    return this.turn.runExclusive(async () => {
      this.inLine -= 1;
      this.held ??= { instance: await this.open(lockWaitMs), sinceMs: Date.now() };
      const { instance, sinceMs } = this.held;
      let worked = false;
      try {
        const connection = await instance.connect();
        try {
          const result = await work(await DuckDBSession.on(connection));
          worked = true;
          return result;
        } finally {
          connection.closeSync();
        }
      } finally {
        const tooLong = Date.now() - sinceMs >= LONGEST_HOLD_MS;
        // After a failure the database may be unusable until it is opened again.
        if (!worked || this.inLine === 0 || tooLong) {
          this.held = undefined;
          instance.closeSync();
          if (tooLong && this.inLine > 0) await sleep(GAP_MS);
        }
      }
    });
  }

  /** The file has one program, and is not held meanwhile. */
  alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mutex = this.named.get(name) ?? new Mutex();
    this.named.set(name, mutex);
    return mutex.runExclusive(work);
  }

  exists(): boolean {
    return existsSync(this.path);
  }

  private async open(lockWaitMs: number): Promise<DuckDBInstance> {
    const started = Date.now();
    try {
      makeFolder(dirname(this.path));
    } catch (error) {
      throw explain(this.path, (error as Error).message, 0);
    }
    for (;;) {
      try {
        return await DuckDBInstance.fromCache(this.path, {
          memory_limit: this.options.memoryLimit,
          threads: '2',
          preserve_insertion_order: 'false',
        });
      } catch (error) {
        const waitedMs = Date.now() - started;
        const failure = explain(this.path, (error as Error).message, waitedMs);
        if (!failure.locked || waitedMs >= lockWaitMs) throw failure;
        await sleep(LOCK_RETRY_MS);
      }
    }
  }
}
