// Writes rows into temporary NDJSON segments, one line a row: `{"line":7,"key":"123","row":{…}}`.
//
// The row's own text is copied, never parsed. Wrapped like this its keys cannot collide with ours, and the line number
// finds the text of a rejected row again.
import { open, type FileHandle } from 'node:fs/promises';
import type { RowSink } from './row-splitter.js';

export interface Segment {
  file: string;
  lines: number;
  longestLine: number;
  /** Some row holds something that a typed read would take for something else. */
  odd: boolean;
}

const WRITE_BYTES = 1 << 20;
const NEWLINE = 0x0a;
const NO_KEY = Buffer.from(',"row":');
const LONGEST_LINE_NUMBER = '{"line":4294967295'.length;

export class SegmentWriter implements RowSink {
  private buffer = Buffer.allocUnsafe(2 * WRITE_BYTES);
  private used = 0;
  private handle: FileHandle | undefined;
  private written = 0;
  private lineStart = 0;
  private segment: Segment;
  private count = 0;
  /** Where in the buffer the full segment ends: rows behind it belong to the next. */
  private full: { end: number; segment: Segment } | undefined;
  private key: Uint8Array | null = null;
  private afterLineNumber: Buffer = NO_KEY;

  constructor(
    private readonly path: (number: number) => string,
    private readonly segmentBytes: number,
  ) {
    this.segment = this.next();
  }

  beginRow(key: Uint8Array | null): void {
    if (key !== this.key) {
      this.key = key;
      this.afterLineNumber = key ? Buffer.concat([Buffer.from(',"key":'), key, NO_KEY]) : NO_KEY;
    }
    const prefix = this.afterLineNumber;
    this.reserve(LONGEST_LINE_NUMBER + prefix.length);
    this.lineStart = this.written + this.used;
    this.used += this.buffer.write(`{"line":${this.segment.lines}`, this.used, 'latin1');
    this.buffer.set(prefix, this.used);
    this.used += prefix.length;
  }

  fragment(chunk: Uint8Array, from: number, to: number): void {
    this.reserve(to - from);
    this.buffer.set(chunk.subarray(from, to), this.used);
    this.used += to - from;
  }

  endRow(odd: boolean): void {
    this.reserve(2);
    this.buffer[this.used++] = 0x7d;
    this.buffer[this.used++] = NEWLINE;
    const { segment } = this;
    segment.lines++;
    if (odd) segment.odd = true;
    segment.longestLine = Math.max(segment.longestLine, this.written + this.used - this.lineStart);
    if (this.full === undefined && this.written + this.used >= this.segmentBytes) {
      this.full = { end: this.used, segment };
      this.segment = this.next();
    }
  }

  /** Writes what has gathered once that is worth a write. Gives back the segment that became full, if one did. */
  async flush(): Promise<Segment | undefined> {
    if (this.full === undefined) {
      if (this.used >= WRITE_BYTES) await this.write(this.segment, this.used);
      return undefined;
    }
    const { end, segment } = this.full;
    await this.write(segment, end);
    await this.close();
    // The next segment counts from zero, and so does a row that was begun before.
    this.lineStart -= this.written;
    this.written = 0;
    this.full = undefined;
    return segment;
  }

  /** Writes the rest. Gives back the last segment, if it has rows. */
  async finish(): Promise<Segment | undefined> {
    const { segment } = this;
    if (this.used > 0) await this.write(segment, this.used);
    await this.close();
    return segment.lines > 0 ? segment : undefined;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private next(): Segment {
    return { file: this.path(this.count++), lines: 0, longestLine: 0, odd: false };
  }

  private async write(segment: Segment, end: number): Promise<void> {
    this.handle ??= await open(segment.file, 'w');
    await this.handle.writeFile(this.buffer.subarray(0, end));
    this.buffer.copy(this.buffer, 0, end, this.used);
    this.used -= end;
    this.written += end;
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.used + bytes));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
