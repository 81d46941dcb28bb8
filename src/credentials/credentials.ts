// Credentials: names → tokens. A token that lives in a file is read afresh, so that a new one is heard of at once.
import { KnownError } from '../dataflow/failures.js';
import { readToken, type TokenSource } from './token-source.js';

/** No token can be had for a credential now. */
export class NoToken extends KnownError<'CredentialExpired'> {
  override readonly name = 'NoToken';

  constructor(credential: string) {
    super(
      'CredentialExpired',
      `No token is configured for the credential ${JSON.stringify(credential)} on this worker.`,
    );
  }
}

/** Where callers get their tokens from, one question for each request. */
export class Credentials {
  constructor(private readonly sources: ReadonlyMap<string, TokenSource>) {}

  get names(): string[] {
    return [...this.sources.keys()];
  }

  /** @throws NoToken if nobody by that name is configured, or its file cannot be read now */
  async token(name: string): Promise<string> {
    const source = this.sources.get(name);
    try {
      if (source) return readToken(source);
    } catch {
      // Between an old token and a new one there may be no file for a while.
    }
    throw new NoToken(name);
  }
}
