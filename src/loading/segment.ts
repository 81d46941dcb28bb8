// A segment: rows in a file, one line a row, `{"line":7,"key":"123","row":{…}}`.
import { open } from 'node:fs/promises';

/** The report's key if the row came under one, its text, and what is wrong with it. */
export type BrokenRow = [key: string | null, raw: string, reason: string];

export interface Segment {
  file: string;
  /** Where each line begins, in bytes; the last one is the end of the file. */
  starts: number[];
  longestLine: number;
  /** Its rows hold something that a typed read would refuse or take for something else. */
  odd: boolean;
  /** Rows that no line was made of. */
  broken: BrokenRow[];
}

export const emptySegment = (file: string, odd: boolean): Segment => ({
  file,
  starts: [0],
  longestLine: 0,
  odd,
  broken: [],
});

export const linesIn = ({ starts }: Segment): number => starts.length - 1;

/** What every line begins with; its number in the file follows. */
export const BEGINNING = '{"line":';
export const END = '}\n';

/** Reads some lines, without what they begin with, their number and their end. */
export async function* readLines(
  { file, starts }: Segment,
  lines: readonly number[],
): AsyncGenerator<Buffer> {
  const handle = await open(file, 'r');
  try {
    for (const line of lines) {
      const from = starts[line]! + BEGINNING.length + String(line).length;
      const bytes = Buffer.allocUnsafe(starts[line + 1]! - END.length - from);
      await handle.read(bytes, 0, bytes.length, from);
      yield bytes;
    }
  } finally {
    await handle.close();
  }
}
