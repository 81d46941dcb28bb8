// Credentials: names → tokens. A token of the environment stands above a stored one of the same name; one that lives in a file
// is read afresh, so that a new one is heard of at once.
import { authorizeCommand } from '../dataflow/credential-names.js';
import { endsSoon } from './due.js';
import { NotConfigured } from './no-token.js';
import type { RenewalCaller, StoredTokens } from './stored-tokens.js';
import { readToken, type TokenSource } from './token-source.js';

/** ISO times. */
export interface Expiry {
  accessToken: string;
  /** Null if nothing tells. */
  refreshToken: string | null;
}

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

  /** When a stored credential's tokens end; undefined for one that is not stored, or is not used. */
  async expiry(name: string): Promise<Expiry | undefined> {
    const grant = this.configured.has(name) ? undefined : (await this.stored?.kept(name))?.grant;
    if (!grant) return undefined;
    const { accessTokenExpiresAtMs, refreshTokenExpiresAtMs } = grant;
    return {
      accessToken: new Date(accessTokenExpiresAtMs).toISOString(),
      refreshToken: refreshTokenExpiresAtMs === null ? null : new Date(refreshTokenExpiresAtMs).toISOString(),
    };
  }

  /** One sentence if a refresh token will soon be dead; undefined if not, or if that is not known. */
  async endsSoon(name: string): Promise<string | undefined> {
    const kept = this.configured.has(name) ? undefined : await this.stored?.kept(name);
    if (!kept || !endsSoon(kept, Date.now())) return undefined;
    return (
      `The refresh token of the credential ${JSON.stringify(name)} ends ` +
      `${new Date(kept.grant!.refreshTokenExpiresAtMs!).toISOString()}, and nothing has renewed it: runs will then wait for ` +
      `a new one. Give consent anew: ${authorizeCommand(name)}`
    );
  }

  /** When refresh tokens in use end, epoch ms, as far as it is known. */
  async ends(): Promise<Map<string, number>> {
    const ends = new Map<string, number>();
    for (const name of (await this.stored?.names()) ?? []) {
      // One that cannot be read keeps nothing back of the others.
      const expiry = await this.expiry(name).catch(() => undefined);
      if (expiry?.refreshToken) ends.set(name, Date.parse(expiry.refreshToken));
    }
    return ends;
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
      throw new NotConfigured(name);
    }
    try {
      return readToken(source);
    } catch {
      // Between an old token and a new one there may be no file for a while.
      throw new NotConfigured(name);
    }
  }
}
