// Tokens of stored credentials: handed out as long as they are good, and renewed once for all that share them.
import { authorizeCommand } from '../dataflow/credential-names.js';
import { PinterestError } from '../pinterest/errors.js';
import { GrantRefused, refreshGrant, type App, type AppCaller } from '../pinterest/oauth.js';
import type { PinterestTransport } from '../pinterest/transport.js';
import {
  askedWith,
  endsSoon,
  goodToken,
  isRefusedEarly,
  refusalOf,
  toAskWith,
  type RenewalFacts,
} from './due.js';
import { fingerprint, NOTHING_KEPT, type Kept } from './kept.js';
import { noApp, NotConfigured, notRenewed, refusedThoughRenewed, refusedToRenew } from './no-token.js';
import { readToken, type TokenSource } from './token-source.js';
import { takenFor, type Unreadable } from './unreadable.js';
import type { Vault } from './vault.js';

/** What a renewal passes: it is a call like any other. Once begun it goes on, whoever gives up waiting for it. */
export type RenewalCaller = Pick<AppCaller, 'gate' | 'counter'>;

export interface CredentialLog {
  info(facts: Readonly<Record<string, string | number>>, message: string): void;
  warn(facts: Readonly<Record<string, string | number>>, message: string): void;
}

export interface StoredTokensOptions {
  vault: Vault;
  transport: PinterestTransport;
  apiUrl: string;
  /** Without one nothing is renewed. */
  app: App | undefined;
  /** Refresh tokens that somebody has already, by credential. */
  refreshTokens: ReadonlyMap<string, TokenSource>;
  log: CredentialLog;
}

/** So long another process's renewal, or a person's consent, may go unheard while the token at hand is good. */
const LOOK_AGAIN_MS = 60_000;
/** After a renewal that failed, a token that is still good is used for so long before another try. */
const REST_MS = 60_000;
/** More refusals than a person brings about before they read what the first one says. */
const REFUSALS_KEPT = 5;
const BROUGHT_IN_KEPT = 20;
/** The log tells of a refresh token that will soon be dead, no more often. */
const TELL_AGAIN_MS = 86_400_000;

interface Unkept {
  /** The refresh token that it stands in the place of. */
  instead: string | undefined;
  kept: Kept;
}

export class StoredTokens {
  private readonly known = new Map<string, { kept: Kept | undefined; readAtMs: number }>();
  private readonly underWay = new Map<string, Promise<Kept>>();
  /** Pinterest has answered, and it could not be written yet: the tokens before it are dead. */
  private readonly unkept = new Map<string, Unkept>();
  private readonly restsUntilMs = new Map<string, number>();
  private readonly toldAtMs = new Map<string, number>();
  /** Brought in to replace something unreadable, and refused: that is noted nowhere else. */
  private readonly inVain = new Map<string, string>();

  constructor(private readonly options: StoredTokensOptions) {}

  async names(): Promise<string[]> {
    return [...new Set([...this.options.refreshTokens.keys(), ...(await this.options.vault.names())])];
  }

  /** As it is kept, no older than a minute; undefined if nothing is. */
  async kept(name: string): Promise<Kept | undefined> {
    const known = this.known.get(name);
    if (known?.kept && Date.now() - known.readAtMs < LOOK_AGAIN_MS) return known.kept;
    return this.read(name);
  }

  /**
   * An access token that is good, renewed if it is time.
   * @param refused one that Pinterest has refused: another is wanted
   * @throws NoToken, StoreUnavailable, or why the call for a renewal may not leave
   */
  async token(name: string, caller: RenewalCaller, refused?: string): Promise<string> {
    let kept = await this.kept(name);
    // Another process may have renewed it since, or a person may have given consent.
    const isGood = kept && goodToken(kept, { nowMs: Date.now(), refused }) !== undefined;
    if (!isGood || this.isDue(name, kept, refused)) kept = await this.read(name);
    const before = kept;
    if (this.isDue(name, kept, refused)) kept = await this.renewedIfPossible(name, caller, kept, refused);
    if (kept) this.tellIfItEndsSoon(name, kept);
    const token = kept && goodToken(kept, { nowMs: Date.now(), refused });
    if (token !== undefined) return token;
    // What has just come is tried, however short its life is said to be.
    const fresh = kept?.grant?.accessToken;
    if (fresh !== undefined && fresh !== before?.grant?.accessToken && fresh !== refused) return fresh;
    throw this.noToken(name, kept, refused);
  }

  /**
   * Renews it if it is time, whoever may use it.
   * @throws as `token`, unless there is nothing to renew
   */
  async renewIfDue(name: string, caller: RenewalCaller): Promise<void> {
    let kept = await this.read(name);
    if (this.isDue(name, kept, undefined)) kept = await this.renewed(name, caller, undefined);
    if (kept) this.tellIfItEndsSoon(name, kept);
  }

  /** What Pinterest said when it refused to renew the pair that is kept; undefined if it did not. */
  refusal(name: string, kept: Kept): string | undefined {
    return refusalOf(kept, this.options, kept.grant?.refreshToken ?? this.broughtIn(name));
  }

  /** Waits for renewals that are under way: their answers must be kept. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay.values());
  }

  private async read(name: string): Promise<Kept | undefined> {
    const reading = this.options.vault.read(name);
    const kept = await takenFor(reading, (unreadable) => this.replaceable(name, unreadable));
    this.known.set(name, { kept, readAtMs: Date.now() });
    return kept;
  }

  private broughtIn(name: string): string | undefined {
    const source = this.options.refreshTokens.get(name);
    try {
      return source && readToken(source);
    } catch {
      // A file may be away for a while.
      return undefined;
    }
  }

  /** A refresh token that somebody brings in may replace what cannot be read. */
  private replaceable(name: string, unreadable: Unreadable): Kept {
    const broughtIn = this.broughtIn(name);
    const { app } = this.options;
    if (!app || broughtIn === undefined) throw unreadable;
    if (this.inVain.get(name) === askedWith(this.options, broughtIn)) throw unreadable;
    return NOTHING_KEPT;
  }

  private facts(name: string, refused: string | undefined): RenewalFacts {
    const { app, apiUrl } = this.options;
    return { app, apiUrl, broughtIn: this.broughtIn(name), nowMs: Date.now(), refused };
  }

  private isDue(name: string, kept: Kept | undefined, refused: string | undefined): boolean {
    return this.unkept.has(name) || toAskWith(kept ?? NOTHING_KEPT, this.facts(name, refused)) !== undefined;
  }

  /** As long as the token at hand is good, a renewal that fails harms nobody. */
  private async renewedIfPossible(
    name: string,
    caller: RenewalCaller,
    kept: Kept | undefined,
    refused: string | undefined,
  ): Promise<Kept | undefined> {
    const isGood = kept !== undefined && goodToken(kept, { nowMs: Date.now(), refused }) !== undefined;
    if (isGood && Date.now() < (this.restsUntilMs.get(name) ?? 0)) return kept;
    try {
      return await this.renewed(name, caller, refused);
    } catch (error) {
      const { message } = error as Error;
      if (isGood) {
        this.restsUntilMs.set(name, Date.now() + REST_MS);
        this.options.log.warn({ credential: name, reason: message }, 'credential not renewed yet');
        return kept;
      }
      const passes = error instanceof PinterestError && error.kind !== 'RateLimited';
      throw passes ? notRenewed(name, message, error.facts) : error;
    }
  }

  /** One renewal at a time in this process; whoever comes meanwhile gets what it brings. */
  private renewed(name: string, caller: RenewalCaller, refused: string | undefined): Promise<Kept> {
    const underWay = this.underWay.get(name);
    if (underWay) return underWay;
    const renewal = this.renew(name, caller, refused)
      .then((kept) => {
        this.known.set(name, { kept, readAtMs: Date.now() });
        return kept;
      })
      .finally(() => this.underWay.delete(name));
    this.underWay.set(name, renewal);
    return renewal;
  }

  private async renew(name: string, caller: RenewalCaller, refused: string | undefined): Promise<Kept> {
    const { vault, log } = this.options;
    let unreadable: Unreadable | undefined;
    const [kept, before] = await vault.change(
      name,
      async (found = NOTHING_KEPT, keep) => {
        const facts = this.facts(name, refused);
        let next = this.answered(name, found);
        if (!next) {
          const refreshToken = toAskWith(found, facts);
          // Whoever held the lock before has done it.
          if (refreshToken === undefined) return [found, found];
          next = await this.ask(found, refreshToken, facts, caller);
          // It may be good for others, who have its key: only something better takes its place.
          if (unreadable && !next.grant) {
            this.inVain.set(name, askedWith(facts, refreshToken));
            throw unreadable;
          }
          this.unkept.set(name, { instead: found.grant?.refreshToken, kept: next });
        }
        await keep(next);
        return [next, found];
      },
      (error) => this.replaceable(name, (unreadable = error)),
    );
    this.unkept.delete(name);
    if (kept.grant !== before.grant) log.info({ credential: name }, 'credential renewed');
    else if (kept !== before) {
      const { said } = kept.refusals.at(-1)!;
      log.warn({ credential: name, said }, 'Pinterest refused to renew a credential');
    }
    return kept;
  }

  /** An answer that could not be written, unless what it stands in the place of has been replaced meanwhile. */
  private answered(name: string, { grant }: Kept): Kept | undefined {
    const unkept = this.unkept.get(name);
    if (unkept?.instead === grant?.refreshToken) return unkept?.kept;
    this.unkept.delete(name);
    return undefined;
  }

  private async ask(
    found: Kept,
    refreshToken: string,
    facts: RenewalFacts,
    caller: RenewalCaller,
  ): Promise<Kept> {
    const { transport, app } = this.options;
    const isBroughtIn = refreshToken !== found.grant?.refreshToken;
    try {
      const grant = await refreshGrant(transport, caller, app!, refreshToken);
      // The same refresh token ends when it was said to.
      if (grant.refreshToken === found.grant?.refreshToken)
        grant.refreshTokenExpiresAtMs ??= found.grant.refreshTokenExpiresAtMs;
      const broughtIn = isBroughtIn ? [...found.broughtIn, fingerprint(refreshToken)] : found.broughtIn;
      return {
        grant,
        broughtIn: broughtIn.slice(-BROUGHT_IN_KEPT),
        refusals: found.refusals,
        renewedEarlyAtMs: isRefusedEarly(found, facts) ? facts.nowMs : found.renewedEarlyAtMs,
      };
    } catch (error) {
      if (!(error instanceof GrantRefused)) throw error;
      const refusal = { of: askedWith(facts, refreshToken), said: error.said, atMs: facts.nowMs };
      return { ...found, refusals: [...found.refusals, refusal].slice(-REFUSALS_KEPT) };
    }
  }

  private tellIfItEndsSoon(name: string, kept: Kept): void {
    const nowMs = Date.now();
    if (!endsSoon(kept, nowMs) || nowMs - (this.toldAtMs.get(name) ?? -Infinity) < TELL_AGAIN_MS) return;
    this.toldAtMs.set(name, nowMs);
    const ends = new Date(kept.grant!.refreshTokenExpiresAtMs!).toISOString();
    this.options.log.warn(
      { credential: name, ends },
      `the refresh token of a credential ends soon; if it is not renewed by then: ${authorizeCommand(name)}`,
    );
  }

  private noToken(name: string, kept: Kept | undefined, refused: string | undefined): Error {
    if (!kept && !this.options.refreshTokens.has(name)) return new NotConfigured(name);
    const said = kept && this.refusal(name, kept);
    if (said !== undefined) return refusedToRenew(name, said);
    if (!this.options.app) return noApp(name);
    return refused === undefined ? new NotConfigured(name) : refusedThoughRenewed(name);
  }
}
