// Segments as they are written, one after the other: whole lines only, however a row comes in pieces. Lines may be added
// while others are written to disk.
import { open, type FileHandle } from 'node:fs/promises';
import { BEGINNING, END, linesIn, type BrokenRow, type Segment } from './segment.js';

const WRITE_BYTES = 1 << 20;
const LONGEST_BEGINNING = `${BEGINNING}4294967295`.length;
const [BEGINNING_BYTES, END_BYTES] = [Buffer.from(BEGINNING), Buffer.from(END)];
const ZERO = 0x30;

export class SegmentFile {
  private buffer = Buffer.allocUnsafe(2 * WRITE_BYTES);
  private used = 0;
  /** Where in the buffer the open line begins, and where what follows its number. */
  private lineStart = 0;
  private afterNumber = 0;
  private handle: FileHandle | undefined;
  private written = 0;
  private segment: Segment;
  /** Where in the buffer the full segment ends: lines behind it belong to the next. */
  private full: { end: number; segment: Segment } | undefined;

  /** @param next makes the next segment, whose file is not there yet */
  constructor(
    private readonly next: () => Segment,
    private readonly segmentBytes: number,
  ) {
    this.segment = next();
  }

  /** Begins a line with its number. This happens for every row, so it goes byte by byte. */
  beginLine(): void {
    this.reserve(LONGEST_BEGINNING);
    this.put(BEGINNING_BYTES);
    let number = linesIn(this.segment);
    let unit = 1;
    while (unit * 10 <= number) unit *= 10;
    for (; unit >= 1; unit /= 10) {
      const digit = Math.floor(number / unit);
      this.buffer[this.used++] = ZERO + digit;
      number -= digit * unit;
    }
    this.afterNumber = this.used;
  }

  /** Adds to the open line. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  /** What follows the number of the open line, as long as nothing else is added. */
  openLine(): Buffer {
    return this.buffer.subarray(this.afterNumber, this.used);
  }

  dropLine(): void {
    this.used = this.lineStart;
  }

  endLine(): void {
    const { segment } = this;
    this.reserve(END_BYTES.length);
    this.put(END_BYTES);
    segment.starts.push(this.used - (this.full?.end ?? -this.written));
    segment.longestLine = Math.max(segment.longestLine, this.used - this.lineStart);
    this.lineStart = this.used;
    if (this.full === undefined && this.written + this.used >= this.segmentBytes) {
      this.full = { end: this.used, segment };
      this.segment = this.next();
    }
  }

  addLine(afterNumber: Uint8Array): void {
    this.beginLine();
    this.append(afterNumber);
    this.endLine();
  }

  addBroken(row: BrokenRow): void {
    this.segment.broken.push(row);
  }

  /** Writes what has gathered once that is worth a write. Gives back the segment that became full, if one did. */
  async flush(): Promise<Segment | undefined> {
    if (this.full === undefined) {
      if (this.lineStart >= WRITE_BYTES) await this.write(this.segment, this.lineStart);
      return undefined;
    }
    const { end, segment } = this.full;
    await this.write(segment, end);
    await this.close();
    this.written = 0;
    this.full = undefined;
    return segment;
  }

  /** Writes the rest, once nothing is left to flush. Gives back the last segment, if it has rows. */
  async finish(): Promise<Segment | undefined> {
    const { segment } = this;
    if (linesIn(segment) === 0 && segment.broken.length === 0) return undefined;
    await this.write(segment, this.lineStart);
    await this.close();
    return segment;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  private async write(segment: Segment, end: number): Promise<void> {
    this.handle ??= await open(segment.file, 'w');
    await this.handle.writeFile(this.buffer.subarray(0, end));
    this.buffer.copy(this.buffer, 0, end, this.used);
    this.used -= end;
    this.lineStart -= end;
    this.afterNumber -= end;
    if (this.full) this.full.end -= end;
    this.written += end;
  }

  /** Adds a few bytes, room for which is there. */
  private put(bytes: Uint8Array): void {
    for (let i = 0; i < bytes.length; i++) this.buffer[this.used++] = bytes[i]!;
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.used + bytes));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
