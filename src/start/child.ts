// A program started beside this one: its output into a log file, stopped when told.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../store/folder.js';
import { GRACE_MS } from './processes.js';

export interface Child {
  pid: number;
  /** How it ended, for a message that begins with its name; resolves when it ends by itself or is stopped. */
  ended: Promise<string>;
  hasEnded(): boolean;
  /** The first line it writes to standard output; rejects when it ends before. */
  firstLine(): Promise<string>;
  /** The end of what it has written to its log. */
  said(): string;
  /** The last lines of that, for a message. */
  tail(): string;
  stop(): Promise<void>;
}

export interface ChildOptions {
  log: string;
  env?: NodeJS.ProcessEnv;
  /** Its standard output is read here, by `firstLine`; otherwise that goes into the log too, and it may outlive this process. */
  isHeard?: boolean;
  /** A Node program that ends when the channel to this process closes: also if this one is killed. */
  endsWithUs?: boolean;
}

const MOST_BYTES_SAID = 100_000;

/** A file from a byte on, or the end of that, if it is long. */
const readFrom = (file: string, from: number): string => {
  const bytes = readFileSync(file);
  return bytes.subarray(Math.max(from, bytes.length - MOST_BYTES_SAID)).toString();
};

/**
 * Nothing for a person: a function's line, or the line below with its place, of a stack trace of Go, which says why above itself;
 * V8's native frames and its last collections.
 */
const IN_STACK_TRACE = /^(\t|[\w.\-/]+\.\S+(\(.*\))?$|\s*\d+: 0x|\[\d+:0x|<---|-----)/;
/** V8's last words. */
const OUT_OF_HEAP = /heap out of memory/;
const LINES_TOLD = 5;

/** The last lines that a person can read. */
const lastLines = (text: string): string =>
  text
    .trim()
    .split('\n')
    .filter((line) => !IN_STACK_TRACE.test(line))
    .slice(-LINES_TOLD)
    .join('\n');

const howEnded = (code: number | null, signal: NodeJS.Signals | null, said: string): string => {
  if (signal === 'SIGABRT' && OUT_OF_HEAP.test(said))
    return 'ran out of memory (NODE_OPTIONS=--max-old-space-size=…, in MB, gives it more)';
  // The system's own way out when memory is short, too.
  if (signal === 'SIGKILL') return 'was killed (SIGKILL), perhaps because the machine had no memory left';
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
};

export const startChild = (
  command: string,
  args: readonly string[],
  { log, env, isHeard, endsWithUs }: ChildOptions,
): Child => {
  makeFolder(dirname(log));
  const output = openSync(log, 'a');
  const begin = fstatSync(output).size;
  const process_: ChildProcess = spawn(command, args, {
    env: env ?? process.env,
    stdio: ['ignore', isHeard ? 'pipe' : output, output, ...(endsWithUs ? (['ipc'] as const) : [])],
    // Ctrl-C reaches this process alone, which then stops its children in order.
    detached: true,
  });
  closeSync(output);
  let over = false;
  const ended = once(process_, 'exit').then(([code, signal]: unknown[]) => {
    over = true;
    let said = '';
    try {
      said = readFrom(log, begin);
    } catch {
      // Somebody took the log away: how it ended is told all the same.
    }
    return howEnded(code as number | null, signal as NodeJS.Signals | null, said);
  });
  const line = new Promise<string>((resolve, reject) => {
    let text = '';
    process_.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes('\n')) resolve(text.split('\n')[0]!);
    });
    process_.once('exit', (code) => reject(new Error(`${command} ended with code ${code}`)));
    process_.once('error', reject);
  });
  line.catch(() => undefined); // asked for by some, not by all
  return {
    pid: process_.pid ?? -1,
    ended,
    hasEnded: () => over,
    firstLine: () => line,
    said: () => readFrom(log, begin),
    tail: () => lastLines(readFrom(log, begin)),
    stop: async () => {
      if (over) return;
      process_.kill('SIGTERM');
      await Promise.race([ended, sleep(GRACE_MS, undefined, { ref: false })]);
      if (!over) process_.kill('SIGKILL');
      await ended;
    },
  };
};
