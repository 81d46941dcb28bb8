// How far the heaps of a process may grow: a worker's have hundreds of workflows in memory, and garbage beside them.
import { setFlagsFromString } from 'node:v8';

const FLAGS = [
  // What lives long may grow by a fifth until it is collected; V8 else lets it become up to four times as large.
  '--heap-growing-percent=20',
  // Half the room for new objects of each further thread, MiB: V8 else takes 16.
  '--max-semi-space-size=4',
];

/** Keeps the heaps of this process small from now on, those of threads that it begins too. */
export const keepHeapsSmall = (): void => FLAGS.forEach(setFlagsFromString);
