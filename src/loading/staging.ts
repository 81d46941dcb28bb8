// From HTTP answers to checked rows in Parquet files, set-based and in flat memory.
//
// An answer streams through a splitter into NDJSON segments; while one segment is received, the one before it is checked
// in a private DuckDB. The destination is not touched, so it need not be held while a download lasts.
import { Mutex } from 'async-mutex';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { AnswerShape, StagedAnswer } from './answer-shape.js';
import { Engine } from '../engine/engine.js';
import { resolveRepeatedCells } from './repeated-cells.js';
import { type CheckedSegment, SegmentCheck } from './segment-check.js';
import { segmentsOf, type Received } from './segments.js';
import type { Segment } from './segment-writer.js';

export type { AnswerShape, StagedAnswer } from './answer-shape.js';
export { MalformedAnswer, type MalformedKind } from './malformed-answer.js';

/** Large enough to keep both threads of the engine busy, small enough for two or three to lie around. */
const SEGMENT_BYTES = 64 << 20;

export class Staging {
  private readonly checked: CheckedSegment[] = [];
  private inputBytes = 0;
  private answers = 0;
  private closed = false;
  /** The engine's one connection works for one segment at a time. */
  private readonly engineInUse = new Mutex();

  private constructor(
    private readonly workFolder: string,
    private readonly shape: AnswerShape,
    private readonly engine: Engine,
    private readonly checker: SegmentCheck,
    private readonly segmentBytes: number,
  ) {}

  /** `workFolder` is made, and deleted by close: it must hold nothing else. */
  static async open(
    workFolder: string,
    shape: AnswerShape,
    { segmentBytes = SEGMENT_BYTES } = {},
  ): Promise<Staging> {
    await mkdir(workFolder, { recursive: true });
    const engine = await Engine.open(workFolder);
    try {
      return new Staging(workFolder, shape, engine, await SegmentCheck.prepare(engine, shape), segmentBytes);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * Takes one HTTP answer. May be called several times, also side by side. Throws MalformedAnswer when the body is not what
   * the API promises; a failure of the stream passes as it is. Either way nothing of this answer is kept.
   */
  async add(body: Readable): Promise<void> {
    this.mustBeOpen();
    const prefix = join(this.workFolder, `answer-${this.answers++}-`);
    const received: Received = { bytes: 0 };
    const files: string[] = [];
    const path = (number: number): string => {
      const file = `${prefix}${number}.ndjson`;
      files.push(file, `${file}.rows.parquet`, `${file}.rejects.parquet`);
      return file;
    };
    const checked: CheckedSegment[] = [];
    let checking = Promise.resolve();
    try {
      const { segmentBytes, shape } = this;
      for await (const segment of segmentsOf(body, path, segmentBytes, received, shape.listOnly)) {
        // At most one segment waits while another is checked; the stream waits with it.
        await checking;
        checking = this.check(segment).then((result) => void checked.push(result));
        checking.catch(() => {}); // awaited before the next segment, or below: until then it is no unhandled rejection
      }
      await checking;
    } catch (error) {
      await checking.catch(() => {});
      for (const file of files) await rm(file, { force: true });
      throw error;
    }
    this.checked.push(...checked);
    this.inputBytes += received.bytes;
  }

  /** Everything that was added, checked. The files live until close. */
  async finish(): Promise<StagedAnswer> {
    const rowFiles = this.checked.filter(({ rows }) => rows > 0).map(({ rowFile }) => rowFile);
    const rejecting = this.checked.filter(({ rejectedRows }) => rejectedRows > 0);
    const rows = this.checked.reduce((sum, segment) => sum + segment.rows, 0);
    const rejectedRows = this.checked.reduce((sum, segment) => sum + segment.rejectedRows, 0);
    const staged: StagedAnswer = {
      rowFiles,
      rejectFiles: rejecting.map(({ rejectFile }) => rejectFile),
      rows,
      rejectedRows,
      inputRows: rows + rejectedRows,
      inputBytes: this.inputBytes,
    };
    return this.engineInUse.runExclusive(async () => {
      const resolved = await resolveRepeatedCells(this.engine, this.shape, staged, this.workFolder);
      this.release(); // its memory is free for the engine that loads the files
      return resolved;
    });
  }

  /** Releases the engine and deletes the work folder. Safe at any time, and twice. */
  async close(): Promise<void> {
    if (!this.closed) this.engine.interrupt();
    await this.engineInUse.runExclusive(() => this.release());
    await rm(this.workFolder, { recursive: true, force: true });
  }

  private async check(segment: Segment): Promise<CheckedSegment> {
    return this.engineInUse.runExclusive(async () => {
      this.mustBeOpen();
      const checked = await this.checker.check(segment);
      await rm(segment.file, { force: true });
      return checked;
    });
  }

  private mustBeOpen(): void {
    if (this.closed) throw new Error('This staging is finished: no more answers can be added');
  }

  private release(): void {
    if (this.closed) return;
    this.closed = true;
    this.engine.close();
  }
}
