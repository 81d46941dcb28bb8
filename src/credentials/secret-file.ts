// A secret that lives in a file.
import { readFileSync } from 'node:fs';

/**
 * The text of the file, without what editors put around it: a byte order mark, spaces, line ends of any kind.
 * @throws Error that names the file, if it cannot be read or is empty
 */
export const readSecretFile = (path: string): string => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim(); // to `trim`, a byte order mark is white space too
  } catch (error) {
    throw new Error(`cannot read ${path} (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  if (text === '') throw new Error(`${path} is empty`);
  return text;
};
