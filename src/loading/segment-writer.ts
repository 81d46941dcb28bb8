// Writes the rows of an answer into segments. A row's own text is copied, never parsed: wrapped in a line its keys cannot
// collide with ours, and the line's number finds the text of a rejected row again.
import { unwrap } from './bad-lines.js';
import type { RowSink } from './row-splitter.js';
import type { SegmentFile } from './segment-file.js';

/** DuckDB reads no larger objects without more memory than it has here. */
const MAX_ROW_BYTES = 16 << 20;
const TOO_LARGE = `the row is larger than ${MAX_ROW_BYTES >> 20} MB`;

const NO_KEY = Buffer.from(',"row":');

export class SegmentWriter implements RowSink {
  private rowBytes = 0;
  private key: Uint8Array | null = null;
  private afterNumber = NO_KEY;

  /** @param aside for odd rows, so that they do not slow down the others */
  constructor(
    private readonly plain: SegmentFile,
    private readonly aside: SegmentFile,
  ) {}

  beginRow(key: Uint8Array | null): void {
    if (key !== this.key) {
      this.key = key;
      this.afterNumber = key ? Buffer.concat([Buffer.from(',"key":'), key, NO_KEY]) : NO_KEY;
    }
    this.plain.beginLine();
    this.plain.append(this.afterNumber);
    this.rowBytes = 0;
  }

  fragment(chunk: Uint8Array, from: number, to: number): void {
    // Nothing more is kept of a row that is too large: it may have no end.
    if (this.rowBytes <= MAX_ROW_BYTES) this.plain.append(chunk.subarray(from, to));
    this.rowBytes += to - from;
  }

  endRow(odd: boolean): void {
    const { plain, aside } = this;
    const tooLarge = this.rowBytes > MAX_ROW_BYTES;
    if (!odd && !tooLarge) {
      plain.endLine();
      return;
    }
    if (tooLarge) aside.addBroken([...unwrap(plain.openLine()), TOO_LARGE]);
    else aside.addLine(plain.openLine());
    plain.dropLine();
  }
}
