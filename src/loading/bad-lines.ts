// The slow way, for a segment that DuckDB refuses to read at all: one line that is no JSON, a repeated key or a lone
// surrogate stops its whole read. Lines are looked at one at a time; good ones go to a new segment.
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { BrokenRow, Segment } from './segment.js';

/** What is kept of a bad line: enough for the 10,000 characters that a rejected row keeps. */
const KEPT_BYTES = 1 << 16;

/** Yields the bad lines; writes the others to `good`. */
export async function* sortLines(
  segment: Segment,
  good: Segment,
  keysRead: ReadonlySet<string>,
  rowDepth: number,
): AsyncGenerator<BrokenRow> {
  const handle = await open(good.file, 'w');
  try {
    let batch: Buffer[] = [];
    let batchBytes = 0;
    for await (const line of linesOf(segment.file)) {
      const reason = whatIsWrong(line, keysRead, rowDepth);
      if (reason !== null) {
        yield [...unwrap(line), reason];
        continue;
      }
      good.longestLine = Math.max(good.longestLine, line.length + 1);
      batch.push(line, NEWLINE);
      batchBytes += line.length;
      if (batchBytes < 1 << 20) continue;
      await handle.writeFile(Buffer.concat(batch));
      batch = [];
      batchBytes = 0;
    }
    await handle.writeFile(Buffer.concat(batch));
  } finally {
    await handle.close();
  }
}

const NEWLINE = Buffer.from('\n');

async function* linesOf(file: string): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      parts.push(chunk.subarray(start, end));
      yield parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      parts = [];
      start = end + 1;
    }
    parts.push(chunk.subarray(start));
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function whatIsWrong(line: Buffer, keysRead: ReadonlySet<string>, rowDepth: number): string | null {
  if (!isUtf8(line)) return 'the row is not valid UTF-8';
  const text = line.toString('utf8');
  let wrapped: { row: unknown };
  try {
    wrapped = JSON.parse(text);
  } catch {
    return 'the row is not valid JSON';
  }
  if (!isObject(wrapped.row)) return 'the row is not an object';
  const { metrics } = wrapped.row as { metrics?: unknown };
  if (rowDepth === ROW_DEPTH.targeting && !isObject(metrics))
    return 'the metrics of the row are not an object';
  return whatParsingHides(text, keysRead, rowDepth);
}

/** The keys around a row's metrics, as they stand in the line. */
const AROUND = new Set(['"targeting_type"', '"targeting_value"', '"metrics"']);

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;
const MAY_BE_SURROGATE = /\\u[dD]/;
const LONE_SURROGATE = /\p{Surrogate}/u;
/** The row is an object inside the line's object; of a row by a breakdown, its metrics are inside the row. */
export const ROW_DEPTH = { plain: 2, targeting: 3 };

/** JSON.parse minds neither half a surrogate pair nor a key that is there twice. DuckDB does, the latter for keys it reads. */
function whatParsingHides(text: string, keysRead: ReadonlySet<string>, rowDepth: number): string | null {
  const seen = new Set<string>();
  let depth = 0;
  let string = '';
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    else if (token !== ':') {
      string = token;
      if (MAY_BE_SURROGATE.test(token) && LONE_SURROGATE.test(JSON.parse(token)))
        return 'the row holds half of a surrogate pair';
    } else if (depth === rowDepth || (depth === ROW_DEPTH.plain && AROUND.has(string))) {
      const key: string = JSON.parse(string);
      if (depth === rowDepth && !keysRead.has(key)) continue;
      if (seen.has(key)) return `the key ${key} is there twice`;
      seen.add(key);
    }
  }
  return null;
}

/** Key and text of the row that a line wraps. The first `,"row":` is ours: inside a key its quotes would be escaped. */
export function unwrap(line: Buffer): [key: string | null, raw: string] {
  const text = line.subarray(0, KEPT_BYTES).toString('utf8');
  const [before, after] = [text.indexOf(',"key":'), text.indexOf(',"row":')];
  const raw = text.slice(after + ',"row":'.length, line.length > KEPT_BYTES ? undefined : -1);
  if (before === -1 || before > after) return [null, raw];
  try {
    const key: string = JSON.parse(text.slice(before + ',"key":'.length, after));
    return [key, raw];
  } catch {
    return [null, raw];
  }
}
