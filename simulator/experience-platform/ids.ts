// Ids as Adobe's services make them.
import { randomInt } from 'node:crypto';

const drawn = (alphabet: string, length: number): string =>
  Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');

export const hexId = (length: number): string => drawn('0123456789abcdef', length);
/** As ULIDs look. */
export const batchId = (): string => `01${drawn('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 24)}`;
