// Files of one JSON object a line, read and written in pieces: however large, little of them is held.
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { StringDecoder } from 'node:string_decoder';

/** The lines of files that are pieces of one, many at a time; empty ones are left out. */
export async function* linesOf(paths: readonly string[]): AsyncIterable<string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for (const path of paths)
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      const lines = (rest + decoder.write(piece)).split('\n');
      rest = lines.pop()!;
      yield lines.filter((line) => line.trim() !== '');
    }
  rest += decoder.end();
  if (rest.trim() !== '') yield [rest];
}

export interface Writers {
  /** Into the file of that name, which is made when its first line comes. */
  write(name: string, value: object): void;
  /** To be awaited now and then: lets the disk catch up. */
  drained(): Promise<void>;
  /** Answers the paths of all files, by their names. */
  close(): Promise<Map<string, string>>;
}

export const createWriters = (folder: string): Writers => {
  const open = new Map<string, WriteStream>();
  return {
    write: (name, value) => {
      const stream = open.get(name) ?? createWriteStream(join(folder, name));
      open.set(name, stream);
      stream.write(`${JSON.stringify(value)}\n`);
    },
    drained: async () => {
      for (const stream of open.values()) if (stream.writableNeedDrain) await once(stream, 'drain');
    },
    close: async () => {
      for (const stream of open.values()) stream.end();
      await Promise.all([...open.values()].map((stream) => finished(stream)));
      return new Map([...open.keys()].map((name) => [name, join(folder, name)]));
    },
  };
};
