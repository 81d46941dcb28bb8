// Credentials in files beside a DuckDB store: `credentials/NAME.json`, of mode 600 in a folder of mode 700.
import { randomUUID } from 'node:crypto';
import { chmod, link, open, readdir, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Mutex } from 'async-mutex';
import { authorizeCommand, CREDENTIAL_NAME } from '../dataflow/credential-names.js';
import { holdFile, type Lock } from '../engine/lock-file.js';
import { makeFolder } from '../store/folder.js';
import { StoreUnavailable } from '../store/store-unavailable.js';
import { readKept, writeKept, type Kept } from './kept.js';
import { takenFor, Unreadable } from './unreadable.js';
import type { Vault } from './vault.js';

const FILE = '.json';
const LOCK = '.lock';
const DRAFT = '.draft';
const LOCK_RETRY_MS = 50;
/** Whoever holds the lock asks Pinterest, which may take a minute to answer. */
const LOCK_PATIENCE_MS = 90_000;
/** More than a credential ever takes: what is written in its place later needs no more of the disk. */
const ROOM = ' '.repeat(32_768);

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'unknown';

/** By path: two holders of one lock in one process would not see each other. */
const turns = new Map<string, Mutex>();

export class FileVault implements Vault {
  constructor(private readonly folder: string) {}

  async names(): Promise<string[]> {
    const files = await readdir(this.folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw this.unusable(this.folder, codeOf(error));
    });
    const names = files.filter((file) => file.endsWith(FILE)).map((file) => file.slice(0, -FILE.length));
    return names.filter((name) => CREDENTIAL_NAME.test(name)).sort();
  }

  async read(name: string): Promise<Kept | undefined> {
    // Whoever asks a question may name anything, a path too.
    if (!CREDENTIAL_NAME.test(name)) return undefined;
    const path = this.path(name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw this.unusable(path, codeOf(error));
    }
    try {
      return readKept(text);
    } catch (error) {
      throw new Unreadable(
        `The credential ${name} cannot be read: ${path} (${(error as Error).message}). ` +
          `Bring the file back, or give consent anew, which replaces it: ${authorizeCommand(name)}`,
      );
    }
  }

  async change<T>(
    name: string,
    work: (kept: Kept | undefined, keep: (kept: Kept) => Promise<void>) => Promise<T>,
    takeFor?: (unreadable: Unreadable) => Kept,
  ): Promise<T> {
    const path = this.path(name);
    const turn = turns.get(path) ?? new Mutex();
    turns.set(path, turn);
    return turn.runExclusive(async () => {
      const lock = await this.hold(name);
      try {
        return await this.withRoom(name, async (keep) =>
          work(await takenFor(this.read(name), takeFor), keep),
        );
      } finally {
        lock.closeSync();
      }
    });
  }

  /** The room on the disk is taken before anything is asked: an answer that cannot be written would be lost. */
  private async withRoom<T>(
    name: string,
    work: (keep: (kept: Kept) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    const path = this.path(name);
    const draft = `${path}${DRAFT}`;
    let file: FileHandle | undefined;
    try {
      await this.adopt(draft, path);
      file = await open(draft, 'w', 0o600).catch((error: unknown) => {
        throw this.unusable(draft, codeOf(error));
      });
      await file.write(ROOM, 0);
      await file.sync();
      const written = file;
      return await work((kept) => this.replace(path, draft, written, kept));
    } finally {
      await file?.close();
      await rm(draft, { force: true });
    }
  }

  /** A draft that is whole was written by a process that was killed before it could put it in its place. */
  private async adopt(draft: string, path: string): Promise<void> {
    try {
      readKept(await readFile(draft, 'utf8'));
    } catch {
      return;
    }
    await rename(draft, path);
  }

  /** All of it or nothing, whenever the machine stops. */
  private async replace(path: string, draft: string, file: FileHandle, kept: Kept): Promise<void> {
    const text = Buffer.from(writeKept(kept));
    await file.write(text, 0, text.length, 0);
    await file.truncate(text.length);
    await file.sync();
    await rename(draft, path);
    const folder = await open(this.folder);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  private async hold(name: string): Promise<Lock> {
    const path = join(this.folder, `${name}${LOCK}`);
    try {
      makeFolder(this.folder, 0o700);
      await chmod(this.folder, 0o700);
      await this.makeLock(path);
      const untilMs = performance.now() + LOCK_PATIENCE_MS;
      do {
        const lock = await holdFile(path);
        if (lock) return lock;
        await sleep(LOCK_RETRY_MS);
      } while (performance.now() < untilMs);
    } catch (error) {
      throw this.unusable(path, codeOf(error));
    }
    const held = `held by another process; waited ${LOCK_PATIENCE_MS / 1000} s for it`;
    throw new StoreUnavailable(`The credential ${name} cannot be renewed: ${path} is ${held}`, true);
  }

  /** Made under another name, so that nobody ever finds a part of it. */
  private async makeLock(path: string): Promise<void> {
    const draft = `${path}.${randomUUID()}${DRAFT}`;
    const files = await readdir(this.folder);
    if (files.some((file) => join(this.folder, file) === path)) return;
    (await holdFile(draft))?.closeSync();
    await chmod(draft, 0o600);
    await link(draft, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await rm(draft);
  }

  private path(name: string): string {
    return join(this.folder, `${name}${FILE}`);
  }

  private unusable(path: string, why: string): StoreUnavailable {
    return new StoreUnavailable(
      `Credentials cannot be used: ${path} (${why}). The folder and its files must be readable and writable by this user.`,
      false,
    );
  }
}
