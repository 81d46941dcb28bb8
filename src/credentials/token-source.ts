// Where a token of the environment is: in a variable, or in a file, which is read afresh each time.
import { readSecretFile } from './secret-file.js';

export type TokenSource = { token: string } | { file: string };

/** @throws Error that never holds the token */
export const readToken = (source: TokenSource): string => {
  const token = 'token' in source ? source.token.trim() : readSecretFile(source.file);
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Error('holds no token (expected one line of printable characters)');
  return token;
};
