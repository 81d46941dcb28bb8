// Turns the body of one answer into segments on disk, while it arrives.
import type { Readable } from 'node:stream';
import { QUOTED_BYTES } from './malformed-answer.js';
import { RowSplitter, type Frame } from './row-splitter.js';
import type { SegmentFile } from './segment-file.js';
import type { Segment } from './segment.js';
import { SegmentWriter } from './segment-writer.js';

/** The splitter takes chunks of this size at most, so that its output stays within the writer's buffer. */
const MAX_CHUNK_BYTES = 1 << 16;

export interface Received {
  bytes: number;
}

export interface SplitOptions {
  /** Keys under which a row has numbers. */
  numbers: ReadonlySet<string>;
  /** What an answer has to be. */
  frame: Frame;
  /** A longer body is refused. */
  longestBytes: number;
}

/**
 * Yields each segment as soon as it is complete, but for the last one of `aside`, into which others may write as well.
 * While the caller holds on to one, the body is not read: that is all the backpressure there is, and all it needs.
 */
export async function* segmentsOf(
  body: Readable,
  received: Received,
  { plain, aside }: { plain: SegmentFile; aside: SegmentFile },
  { numbers, frame, longestBytes }: SplitOptions,
): AsyncGenerator<Segment> {
  const splitter = new RowSplitter(new SegmentWriter(plain, aside), numbers, frame);
  for await (const chunk of chunksOf(body, received)) {
    splitter.push(withoutLineBreaks(chunk));
    if (received.bytes > longestBytes)
      throw splitter.malformed('endless', `The answer is longer than ${longestBytes} bytes`);
    for (const file of [plain, aside]) {
      const full = await file.flush();
      if (full) yield full;
    }
  }
  splitter.end();
  const last = await plain.finish();
  if (last) yield last;
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * The body in pieces of a bounded size, without the mark that some write in front of UTF-8. The first piece is long enough
 * to tell an error page by, however it trickles in.
 */
async function* chunksOf(body: Readable, received: Received): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = new Uint8Array();
  for await (const data of body as AsyncIterable<Uint8Array | string>) {
    let chunk: Uint8Array = typeof data === 'string' ? Buffer.from(data) : data;
    received.bytes += chunk.length;
    if (first) {
      first = Buffer.concat([first, chunk]);
      if (first.length < QUOTED_BYTES) continue;
      chunk = withoutMark(first);
      first = undefined;
    }
    for (let at = 0; at < chunk.length; at += MAX_CHUNK_BYTES) yield chunk.subarray(at, at + MAX_CHUNK_BYTES);
  }
  if (first) yield withoutMark(first);
}

function withoutMark(first: Uint8Array): Uint8Array {
  const { length } = BYTE_ORDER_MARK;
  return BYTE_ORDER_MARK.equals(first.subarray(0, length)) ? first.subarray(length) : first;
}

const [LINE_BREAK, RETURN] = [0x0a, 0x0d];

/**
 * A line break inside a row would make two lines of it. A carriage return in its place means the same to JSON: white
 * space between tokens, forbidden inside a string.
 */
function withoutLineBreaks(chunk: Uint8Array): Uint8Array {
  let at = chunk.indexOf(LINE_BREAK);
  if (at === -1) return chunk;
  const copy = Buffer.from(chunk);
  for (; at !== -1; at = copy.indexOf(LINE_BREAK, at + 1)) copy[at] = RETURN;
  return copy;
}
