// The DuckDB file: attached for one piece of work at a time and given back, so that people can query it in between.
import { existsSync } from 'node:fs';
import { dirname, parse } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DuckDBInstance, type DuckDBResultReader } from '@duckdb/node-api';
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
  /** In which a file is opened whose last changes do not fit into less: they are read from its log first, by one thread. */
  memoryLimitForLog: string;
  /** Nothing is written: others may read the file at the same time, and the user needs no right to write. */
  readOnly?: boolean;
}

const DEFAULTS: FileOptions = {
  lockWaitMs: 10_000,
  memoryLimit: '256MB',
  memoryLimitForLog: '1GB',
};

const LACKS_MEMORY = /Out of Memory|could not allocate|failed to (allocate|pin)/;

const explain = (path: string, options: FileOptions, message: string, waitedMs: number): StoreUnavailable => {
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
  if (log && LACKS_MEMORY.test(message)) {
    return new StoreUnavailable(
      `The store ${path} cannot be opened: to read the log of its last changes, ${log}, takes more memory than ${options.memoryLimitForLog}. ` +
        `Nothing is lost: open the file once with the DuckDB CLI, which may take more (\`duckdb ${path} -c CHECKPOINT\`), and run again.`,
      false,
    );
  }
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

/**
 * To attach a file takes DuckDB some milliseconds for each dataflow in it (it reads all tables and views there are). One of many is
 * kept a little after a piece of work, since a run has dozens, one after the other; one of a few is given back at once.
 */
const MANY_DATAFLOWS = 5;
const KEPT_MS_PER_DATAFLOW = 5;

/**
 * Of a new file; one that is there keeps its own. Every DuckDB since 1.2 reads it. What DuckDB writes unless it is told
 * (1.0) has 3 kB of figures for each column, rows or none: with the empty tables of 200 dataflows 159 MB where this has 9.
 */
const STORAGE_VERSION = 'v1.2.0';

/**
 * Of a new file, in bytes; one that is there keeps its own. While rows are added to a table, and until they are written out, DuckDB
 * holds two blocks for each of its columns: of its usual 256 KiB that is 300 MB for the 600 columns that reports have.
 */
const BLOCK_SIZE = '32768';

/** The name that DuckDB gives a file which it opens, so that what stands in a view means the same to everybody. */
const nameOf = (path: string): string => {
  const { name } = parse(path);
  return ['memory', 'temp', 'system', 'main'].includes(name) ? `${name}_db` : name;
};

export class DuckDBFile implements Database {
  private readonly name: string;
  private readonly options: FileOptions;
  /** All work in this process takes turns. */
  private readonly turn = new Mutex();
  /** A database in memory, which the file is attached to: to make one takes four times as long as to attach a file. */
  private engine: DuckDBInstance | undefined;
  private attached: { sinceMs: number; keepMs: number } | undefined;
  private keeping: NodeJS.Timeout | undefined;
  private inLine = 0;
  private readonly named = new Map<string, Mutex>();

  constructor(
    readonly path: string,
    options: Partial<FileOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options };
    this.name = nameOf(path);
  }

  /**
   * Runs `work` alone on the open file. The file is given back behind it unless more work is in line, or is to be expected.
   * Waits `lockWaitMs` for another process that holds it.
   */
  use<T>(work: (session: Session) => Promise<T>, lockWaitMs = this.options.lockWaitMs): Promise<T> {
    this.inLine += 1;
    return this.turn.runExclusive(async () => {
      this.inLine -= 1;
      clearTimeout(this.keeping);
      this.attached ??= await this.attach(lockWaitMs);
      const { sinceMs, keepMs } = this.attached;
      let worked = false;
      try {
        const result = await this.work(work);
        worked = true;
        return result;
      } finally {
        const tooLong = Date.now() - sinceMs >= LONGEST_HOLD_MS;
        if (!worked) this.close();
        else if (tooLong || (this.inLine === 0 && keepMs === 0)) await this.detach();
        else if (this.inLine === 0) this.keeping = setTimeout(() => void this.giveBack(), keepMs).unref();
        if (tooLong && this.inLine > 0) await sleep(GAP_MS);
      }
    });
  }

  giveBack(): Promise<void> {
    return this.turn.runExclusive(async () => {
      clearTimeout(this.keeping);
      if (this.attached && this.inLine === 0) await this.detach();
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

  private async attach(lockWaitMs: number): Promise<{ sinceMs: number; keepMs: number }> {
    const started = Date.now();
    let room: { threads: string; memory_limit: string } | undefined;
    try {
      if (!this.options.readOnly) makeFolder(dirname(this.path));
    } catch (error) {
      throw explain(this.path, this.options, (error as Error).message, 0);
    }
    for (;;) {
      try {
        // Of the cache, since two databases in it do not attach the same file.
        this.engine ??= await DuckDBInstance.fromCache(':memory:', {
          memory_limit: this.options.memoryLimit,
          temp_directory: `${this.path}.tmp`,
          threads: '2',
          preserve_insertion_order: 'false',
          storage_compatibility_version: STORAGE_VERSION,
          default_block_size: BLOCK_SIZE,
          // With it, a DuckDB before 1.5 does not find all that is written in blocks of this size.
          experimental_metadata_reuse: 'false',
          ...room,
        });
        await this.command(
          `ATTACH ${literal(this.path)} AS ${quote(this.name)}${this.options.readOnly ? ' (READ_ONLY)' : ''}`,
        );
        const dataflows = await this.countSchemas();
        return {
          sinceMs: Date.now(),
          keepMs: dataflows < MANY_DATAFLOWS ? 0 : KEPT_MS_PER_DATAFLOW * dataflows,
        };
      } catch (error) {
        if (!room && LACKS_MEMORY.test((error as Error).message)) {
          this.close();
          room = { threads: '1', memory_limit: this.options.memoryLimitForLog };
          continue;
        }
        const waitedMs = Date.now() - started;
        const failure = explain(this.path, this.options, (error as Error).message, waitedMs);
        if (!failure.locked) this.close();
        if (!failure.locked || waitedMs >= lockWaitMs) throw failure;
        await sleep(LOCK_RETRY_MS);
      }
    }
  }

  /** The memory that the tables of many dataflows take comes back only with the database that they were attached to. */
  private async detach(): Promise<void> {
    const ofMany = this.attached!.keepMs > 0;
    this.attached = undefined;
    try {
      await this.command(`DETACH ${quote(this.name)}`);
      if (ofMany) this.close();
    } catch {
      this.close();
    }
  }

  /** After a failure the database may be unusable until all of it is opened again. */
  private close(): void {
    this.attached = undefined;
    this.engine?.closeSync();
    this.engine = undefined;
  }

  private async countSchemas(): Promise<number> {
    const sql = `SELECT count(*) FROM duckdb_schemas() WHERE database_name = ${literal(this.name)} AND NOT internal`;
    return Number((await this.command(sql)).getRows()[0]![0]);
  }

  private async command(sql: string): Promise<DuckDBResultReader> {
    const connection = await this.engine!.connect();
    try {
      return await connection.runAndReadAll(sql);
    } finally {
      connection.closeSync();
    }
  }
}
