// The file of a dataflow spec, with messages that say where it is not JSON.
import { readFileSync } from 'node:fs';
import { parse as parseExactly } from 'lossless-json';
import { StartError } from './start-error.js';

/** `line 3, column 7: …`. Not every message of JSON.parse has a position; those of this parser do. */
const faultIn = (text: string, { message }: Error): string => {
  try {
    parseExactly(text);
    return message;
  } catch (error) {
    const [, what, position] = /^(.*) at position (\d+)$/s.exec((error as Error).message) ?? [];
    if (what === undefined) return message;
    const before = text.slice(0, Number(position)).split('\n');
    const place = `line ${before.length}, column ${before.at(-1)!.length + 1}`;
    return `${place}: ${what.replaceAll('\n', String.raw`\n`)}`;
  }
};

/** @throws StartError that names the file */
export const readSpec = (file: string): unknown => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`Cannot read the dataflow spec ${file} (${code}). Give the path of a JSON file.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`The dataflow spec ${file} is not JSON: ${faultIn(text, error as Error)}`);
  }
};
