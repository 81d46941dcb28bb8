// Credentials: names → tokens. A token of the environment stands above a stored one of the same name; one that lives in a file
// is read afresh, so that a new one is heard of at once.
import { notConfigured } from './no-token.js';
import type { RenewalCaller, StoredTokens } from './stored-tokens.js';
import { readToken, type TokenSource } from './token-source.js';

/** Where callers get their tokens from, one question for each request. */
export class Credentials {
  constructor(
    private readonly configured: ReadonlyMap<string, TokenSource>,
    private readonly stored?: StoredTokens,
  ) {}

  /** @throws StoreUnavailable if what is stored cannot be read */
  async names(): Promise<string[]> {
    return [...new Set([...this.configured.keys(), ...((await this.stored?.names()) ?? [])])];
  }

  /**
   * @param caller what a renewal passes, if it is time for one
   * @param refused a token that Pinterest has refused: another is wanted, if one can be had
   * @throws NoToken if nobody by that name is configured or stored, its file cannot be read now, or it cannot be renewed;
   * StoreUnavailable; or why the call for a renewal may not leave
   */
  async token(name: string, caller: RenewalCaller, refused?: string): Promise<string> {
    const source = this.configured.get(name);
    if (!source) {
      if (this.stored) return this.stored.token(name, caller, refused);
      throw notConfigured(name);
    }
    try {
      return readToken(source);
    } catch {
      // Between an old token and a new one there may be no file for a while.
      throw notConfigured(name);
    }
  }
}
