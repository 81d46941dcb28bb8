// JSON lines through a mapping into JSON lines, some hundred rows at a time.
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SourceRow } from '../../../dataflow/mapping.js';
import { Mapper, refused } from './mapper.js';

const AT_A_TIME = 200;

/** What every row has, unless the mapping says otherwise. */
type Event = SourceRow & { _id: string; timestamp: string };

async function* mappedLines(mapper: Mapper, from: string, signal: AbortSignal): AsyncGenerator<string> {
  let events: Event[] = [];
  async function* flush(): AsyncGenerator<string> {
    signal.throwIfAborted();
    const sources = events.map(({ _id, timestamp: _, ...source }) => source);
    const mapped = await mapper.map(sources);
    for (const [i, one] of mapped.entries()) {
      if ('problem' in one) throw refused(one.problem.path, one.problem.message, sources[i]!);
      const { _id, timestamp } = events[i]!;
      yield `${JSON.stringify({ _id, timestamp, ...one.row })}\n`;
    }
    events = [];
  }
  for await (const line of createInterface({ input: createReadStream(from), crlfDelay: Infinity })) {
    events.push(JSON.parse(line) as Event);
    if (events.length === AT_A_TIME) yield* flush();
  }
  if (events.length > 0) yield* flush();
}

/** @throws PlatformError `TargetRefused` that names path and row */
export const mapLines = async (
  mapping: Readonly<Record<string, string>>,
  from: string,
  to: string,
  signal: AbortSignal,
): Promise<void> => {
  const mapper = new Mapper(mapping);
  try {
    await pipeline(Readable.from(mappedLines(mapper, from, signal)), createWriteStream(to));
  } finally {
    await mapper.close();
  }
};
