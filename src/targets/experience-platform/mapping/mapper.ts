// Rows through a mapping, in a thread with bounds of time and memory: an expression is the work of whoever may start a workflow.
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { MappedRow, SourceRow } from '../../../dataflow/mapping.js';
import { PlatformError } from '../access/errors.js';

type Paths = Readonly<Record<string, string>>;

export interface ThreadData {
  mapping: Paths;
  /** Shared: the row and the path that the thread is at. */
  place: Int32Array;
}

/** For so many rows at a time as are given to it, of this process's work: on a busy machine that takes longer. */
const LONGEST_MS = 10_000;
const LOOK_MS = 500;
const MEMORY_MB = 128;

/** Aborted once this process has worked for `longestMs`, and as much time has passed. */
const boundOf = (longestMs: number): { signal: AbortSignal; end: () => void } => {
  const bound = new AbortController();
  const begunMs = performance.now();
  const begun = process.cpuUsage();
  const look = setInterval(() => {
    const { user, system } = process.cpuUsage(begun);
    const workedMs = (user + system) / 1_000;
    if (Math.min(workedMs, performance.now() - begunMs) >= longestMs) bound.abort();
  }, LOOK_MS);
  return { signal: bound.signal, end: () => clearInterval(look) };
};

/** The ids and dates of a row, for a person. */
export const keyOf = (row: SourceRow): string =>
  ['ad_account_id', 'campaign_id', 'ad_group_id', 'ad_id', 'date', 'hour']
    .filter((name) => row[name] !== undefined)
    .map((name) => `${name} ${String(row[name])}`)
    .join(', ');

export class Mapper {
  private readonly place = new Int32Array(new SharedArrayBuffer(8));
  private readonly thread: Worker;

  /** @param mapping one that `mappingProblems` finds nothing in */
  constructor(
    private readonly mapping: Paths,
    private readonly longestMs = LONGEST_MS,
  ) {
    const workerData: ThreadData = { mapping, place: this.place };
    this.thread = new Worker(join(import.meta.dirname, 'mapping-thread.js'), {
      workerData,
      // Nothing of the worker's secrets is near.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 16 },
    });
    // Heard by `map`, if it is on.
    this.thread.on('error', () => undefined);
  }

  /**
   * In the order of `rows`, some hundred at a time.
   * @throws PlatformError `TargetRefused` if that takes too long or too much memory
   */
  async map(rows: readonly SourceRow[]): Promise<MappedRow[]> {
    const { signal, end } = boundOf(this.longestMs);
    this.thread.postMessage(rows);
    try {
      const [text] = (await once(this.thread, 'message', { signal })) as [string];
      return JSON.parse(text) as MappedRow[];
    } catch (error) {
      const why = signal.aborted
        ? `takes longer than ${this.longestMs / 1_000} s`
        : `takes more than ${MEMORY_MB} MB of memory, or broke: ${(error as Error).message}`;
      const [row = 0, path = 0] = this.place;
      throw refused(Object.keys(this.mapping)[path]!, why, rows[row]!);
    } finally {
      end();
    }
  }

  async close(): Promise<void> {
    await this.thread.terminate();
  }
}

export const refused = (path: string, message: string, row: SourceRow): PlatformError =>
  new PlatformError('TargetRefused', `mapping["${path}"]: ${message}; in the row of ${keyOf(row)}`);
