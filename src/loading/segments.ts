// Turns the body of one answer into segments on disk, while it arrives.
import type { Readable } from 'node:stream';
import { QUOTED_BYTES } from './malformed-answer.js';
import { RowSplitter } from './row-splitter.js';
import { SegmentWriter, type Segment } from './segment-writer.js';

/** The splitter takes chunks of this size at most, so that its output stays within the writer's buffer. */
const MAX_CHUNK_BYTES = 1 << 16;

export interface Received {
  bytes: number;
}

/**
 * Yields each segment as soon as it is complete. While the caller holds on to one, the body is not read: that is all the
 * backpressure there is, and all it needs.
 */
export async function* segmentsOf(
  body: Readable,
  path: (number: number) => string,
  segmentBytes: number,
  received: Received,
  listOnly = false,
): AsyncGenerator<Segment> {
  const writer = new SegmentWriter(path, segmentBytes);
  const splitter = new RowSplitter(writer, listOnly);
  try {
    for await (const chunk of chunksOf(body)) {
      received.bytes += chunk.length;
      splitter.push(withoutLineBreaks(chunk));
      const segment = await writer.flush();
      if (segment) yield segment;
    }
    splitter.end();
    const last = await writer.finish();
    if (last) yield last;
  } finally {
    await writer.close();
  }
}

/** The body in pieces of a bounded size. The first is long enough to tell an error page by, however it trickles in. */
async function* chunksOf(body: Readable): AsyncGenerator<Uint8Array> {
  let first: Uint8Array | undefined = new Uint8Array();
  for await (const data of body as AsyncIterable<Uint8Array | string>) {
    let chunk: Uint8Array = typeof data === 'string' ? Buffer.from(data) : data;
    if (first) {
      chunk = first = Buffer.concat([first, chunk]);
      if (first.length < QUOTED_BYTES) continue;
      first = undefined;
    }
    for (let at = 0; at < chunk.length; at += MAX_CHUNK_BYTES) yield chunk.subarray(at, at + MAX_CHUNK_BYTES);
  }
  if (first) yield first;
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
