// Credentials: names → tokens. A token that lives in a file is read afresh, so that a new one is heard of at once.
import { readFileSync } from 'node:fs';

export type TokenSource = { token: string } | { file: string };

/** @throws Error that never holds the token */
export const readToken = (source: TokenSource): string => {
  const text = 'token' in source ? source.token : readFileSync(source.file, 'utf8');
  const token = text.trim();
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new Error('holds no token (expected one line of printable characters)');
  return token;
};

export class Credentials {
  constructor(private readonly sources: ReadonlyMap<string, TokenSource>) {}

  get names(): string[] {
    return [...this.sources.keys()];
  }

  /** Undefined where nobody by that name is configured, or its file cannot be read now. */
  token(name: string): string | undefined {
    const source = this.sources.get(name);
    try {
      return source && readToken(source);
    } catch {
      return undefined;
    }
  }
}
