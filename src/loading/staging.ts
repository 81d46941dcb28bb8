// From HTTP answers to checked rows in Parquet files, set-based and in flat memory.
//
// An answer streams through a splitter into NDJSON segments; while one segment is received, the one before it is checked
// in a private DuckDB. The destination is not touched, so it need not be held while a download lasts.
import { Mutex } from 'async-mutex';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { AnswerShape, AskedIds, StagedAnswer } from './answer-shape.js';
import { Engine } from '../engine/engine.js';
import { resolveRepeatedCells } from './repeated-cells.js';
import { type CheckedSegment, SegmentCheck } from './segment-check.js';
import { layoutOf, numberKeys } from './row-layout.js';
import { SegmentFile } from './segment-file.js';
import { segmentsOf, type Received, type SplitOptions } from './segments.js';
import { emptySegment, type Segment } from './segment.js';

export type { AnswerShape, AskedIds, StagedAnswer } from './answer-shape.js';
export { MalformedAnswer, type MalformedKind } from './malformed-answer.js';

/** Large enough to keep both threads of the engine busy, small enough for two or three to lie around. */
const SEGMENT_BYTES = 64 << 20;

/** No answer is longer: a list has at most some 20,000 rows; a report of 25 million rows would fit. */
const LONGEST_BYTES = { list: 2 ** 30, report: 16 * 2 ** 30 };

export interface StagingOptions {
  segmentBytes?: number;
  longestBytes?: number;
}

export class Staging {
  private readonly checked: CheckedSegment[] = [];
  private readonly segmentBytes: number;
  private readonly splitOptions: SplitOptions;
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
    { segmentBytes = SEGMENT_BYTES, longestBytes }: StagingOptions,
  ) {
    const { listOnly = false } = shape;
    this.segmentBytes = segmentBytes;
    this.splitOptions = {
      numbers: numberKeys(layoutOf(shape)),
      frame: shape.breakdown === undefined ? (listOnly ? 'list' : 'report') : 'data',
      longestBytes: longestBytes ?? LONGEST_BYTES[listOnly ? 'list' : 'report'],
    };
  }

  /** `workFolder` is made, and deleted by close: it must hold nothing else. */
  static async open(workFolder: string, shape: AnswerShape, options: StagingOptions = {}): Promise<Staging> {
    await mkdir(workFolder, { recursive: true });
    const engine = await Engine.open(workFolder);
    try {
      await engine.makeRoomFor(shape.columns.length);
      return new Staging(workFolder, shape, engine, await SegmentCheck.prepare(engine, shape), options);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  /**
   * Takes one HTTP answer, to a question for `asked`. May be called several times, also side by side. Throws MalformedAnswer when the body is not what
   * the API promises; a failure of the stream passes as it is. Either way nothing of this answer is kept.
   */
  async add(body: Readable, asked: AskedIds): Promise<void> {
    this.mustBeOpen();
    const prefix = `answer-${this.answers++}-`;
    const files = this.newFiles(prefix);
    const received: Received = { bytes: 0 };
    const checked: CheckedSegment[] = [];
    const check = async (segment: Segment | undefined): Promise<void> => {
      if (segment) checked.push(await this.check(segment, asked, files.aside));
    };
    let checking = Promise.resolve();
    try {
      for await (const segment of segmentsOf(body, received, files, this.splitOptions)) {
        // At most one segment waits while another is checked; the stream waits with it.
        await checking;
        checking = check(segment);
        checking.catch(() => {}); // awaited before the next segment, or below: until then it is no unhandled rejection
      }
      await checking;
      await check(await files.aside.flush());
      await check(await files.aside.finish());
    } catch (error) {
      await checking.catch(() => {});
      const names = (await readdir(this.workFolder)).filter((name) => name.startsWith(prefix));
      for (const name of names) await rm(join(this.workFolder, name), { force: true });
      throw error;
    } finally {
      await files.plain.close();
      await files.aside.close();
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

  /** Where the rows of one answer go. */
  private newFiles(prefix: string): { plain: SegmentFile; aside: SegmentFile } {
    let count = 0;
    const file = (odd: boolean): SegmentFile =>
      new SegmentFile(
        () => emptySegment(join(this.workFolder, `${prefix}${count++}.ndjson`), odd),
        this.segmentBytes,
      );
    return { plain: file(false), aside: file(true) };
  }

  private async check(segment: Segment, asked: AskedIds, aside: SegmentFile): Promise<CheckedSegment> {
    return this.engineInUse.runExclusive(async () => {
      this.mustBeOpen();
      const checked = await this.checker.check(segment, asked, aside);
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
