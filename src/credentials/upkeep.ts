// Stored credentials are renewed when it is time, also while no run asks for their tokens: a schedule that was paused for
// weeks finds living ones.
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailable } from '../store/store-unavailable.js';
import type { CredentialLog, RenewalCaller, StoredTokens } from './stored-tokens.js';

/** From the end of one look to the start of the next: with what a look takes, each credential has one a minute. */
const EVERY_MS = 30_000;
/** One whose renewal fails again and again is tried ever more rarely, since each try may cost a call. */
const LONGEST_REST_MS = 3_600_000;

/** What failed, and when it is tried again. */
interface Failure {
  message: string;
  tries: number;
  againAtMs: number;
}

/** Whose turns there are, besides those of credentials: reading their names may fail too. */
const NAMES = '';

export class Upkeep {
  private readonly failures = new Map<string, Failure>();

  constructor(
    private readonly stored: Pick<StoredTokens, 'names' | 'renewIfDue'>,
    /** What one renewal passes. */
    private readonly newCaller: () => RenewalCaller,
    private readonly log: CredentialLog,
    private readonly everyMs = EVERY_MS,
  ) {}

  /** Looks over all credentials, again and again until it is told to stop. Never fails. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.look(stop);
      await sleep(this.everyMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  /** One look. @param stop begins no further renewal */
  async look(stop?: AbortSignal): Promise<void> {
    const names = await this.attempt(NAMES, () => this.stored.names());
    for (const name of names ?? []) {
      if (stop?.aborted) return;
      await this.attempt(name, () => this.stored.renewIfDue(name, this.newCaller()));
    }
  }

  private async attempt<T>(name: string, work: () => Promise<T>): Promise<T | undefined> {
    const before = this.failures.get(name);
    if (before && Date.now() < before.againAtMs) return undefined;
    try {
      const done = await work();
      this.failures.delete(name);
      return done;
    } catch (error) {
      const { message } = error as Error;
      const tries = (before?.tries ?? 0) + 1;
      // What was answered and could not be written is written as soon as that works; it costs no call.
      const restMs =
        error instanceof StoreUnavailable ? 0 : Math.min(LONGEST_REST_MS, this.everyMs * 2 ** tries);
      this.failures.set(name, { message, tries, againAtMs: Date.now() + restMs });
      // Said once, however often it is tried.
      if (message !== before?.message)
        this.log.warn(
          { ...(name !== NAMES && { credential: name }), reason: message },
          'credential not renewed yet',
        );
      return undefined;
    }
  }
}
