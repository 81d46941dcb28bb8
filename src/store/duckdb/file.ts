// The DuckDB file: attached for one piece of work at a time and given back, so that people can query it in between.
import { existsSync } from 'node:fs';
import { dirname, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { Mutex } from 'async-mutex';
import { literal, quote } from '../../engine/sql-text.js';
import { makeFolder } from '../folder.js';
import type { Database, Session } from '../sql/session.js';
import { StoreUnavailable } from '../store-unavailable.js';
import { DuckDBSession } from './session.js';

const LOCK_RETRY_MS = 200;

export interface FileOptions {
  /** How long to wait for another process that holds the file. */
  lockWaitMs: number;
  memoryLimit: string;
  /** Nothing is written: others may read the file at the same time, and the user needs no right to write. */
  readOnly?: boolean;
}

export const FILE_DEFAULTS: FileOptions = { lockWaitMs: 10_000, memoryLimit: '256MB' };

const explain = (path: string, message: string, waitedMs: number): StoreUnavailable => {
  const holder = /Conflicting lock is held in (.+?) \(PID (\d+)\)/.exec(message);
  if (holder || /Could not set lock|Unique file handle conflict/.test(message)) {
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

/** The name that DuckDB gives a file which it opens, so that what stands in a view means the same to everybody. */
const nameOf = (path: string): string => {
  const { name } = parse(path);
  return ['memory', 'temp', 'system', 'main'].includes(name) ? `${name}_db` : name;
};

export class DuckDBFile implements Database {
  private readonly name: string;
  /** All work in this process takes turns. */
  private readonly turn = new Mutex();
  /** A database in memory, which the file is attached to: to make one takes four times as long as to attach a file. */
  private engine: DuckDBInstance | undefined;
  private attachedAtMs: number | undefined;
  private inLine = 0;
  private readonly named = new Map<string, Mutex>();

  constructor(
    readonly path: string,
    private readonly options: FileOptions = FILE_DEFAULTS,
  ) {
    this.name = nameOf(path);
  }

  /**
   * Runs `work` alone on the open file. The file is closed behind it unless more work is in line: opening takes longer
   * the more dataflows live in it. Waits `lockWaitMs` for another process that holds it.
   */
  use<T>(work: (session: Session) => Promise<T>, lockWaitMs = this.options.lockWaitMs): Promise<T> {
    this.inLine += 1;
    return this.turn.runExclusive(async () => {
      this.inLine -= 1;
      this.attachedAtMs ??= await this.attach(lockWaitMs);
      const sinceMs = this.attachedAtMs;
      let worked = false;
      try {
        const result = await this.work(work);
        worked = true;
        return result;
      } finally {
        const tooLong = Date.now() - sinceMs >= LONGEST_HOLD_MS;
        if (!worked) this.close();
        else if (this.inLine === 0 || tooLong) await this.detach();
        if (tooLong && this.inLine > 0) await sleep(GAP_MS);
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

  /** In a connection of its own: temporary tables go with it. */
  private async work<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.engine!.connect();
    try {
      await connection.run(`USE ${quote(this.name)}`);
      return await work(new DuckDBSession(connection, this.name));
    } finally {
      connection.closeSync();
    }
  }

  /** @returns when, epoch ms */
  private async attach(lockWaitMs: number): Promise<number> {
    const started = Date.now();
    try {
      if (!this.options.readOnly) makeFolder(dirname(this.path));
    } catch (error) {
      throw explain(this.path, (error as Error).message, 0);
    }
    for (;;) {
      try {
        // Of the cache, since two databases in it do not attach the same file.
        this.engine ??= await DuckDBInstance.fromCache(':memory:', {
          memory_limit: this.options.memoryLimit,
          temp_directory: `${this.path}.tmp`,
          threads: '2',
          preserve_insertion_order: 'false',
        });
        await this.command(
          `ATTACH ${literal(this.path)} AS ${quote(this.name)}${this.options.readOnly ? ' (READ_ONLY)' : ''}`,
        );
        return Date.now();
      } catch (error) {
        const waitedMs = Date.now() - started;
        const failure = explain(this.path, (error as Error).message, waitedMs);
        if (!failure.locked || waitedMs >= lockWaitMs) throw failure;
        await sleep(LOCK_RETRY_MS);
      }
    }
  }

  private async detach(): Promise<void> {
    this.attachedAtMs = undefined;
    try {
      await this.command(`DETACH ${quote(this.name)}`);
    } catch {
      this.close();
    }
  }

  /** After a failure the database may be unusable until all of it is opened again. */
  private close(): void {
    this.attachedAtMs = undefined;
    this.engine?.closeSync();
    this.engine = undefined;
  }

  private async command(sql: string): Promise<void> {
    const connection = await this.engine!.connect();
    try {
      await connection.run(sql);
    } finally {
      connection.closeSync();
    }
  }
}
