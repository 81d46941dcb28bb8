// A value that is read from elsewhere for /metrics: rarely, one reading at a time, and nobody waits long for it.
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProbeLimits {
  /** From the start of one reading to the start of the next, at least, ms. */
  everyMs: number;
  /** How long `get` waits for a reading that is under way, ms. */
  waitMs: number;
  /** How long a value is good for while no newer one comes, ms. */
  keepMs: number;
}

/** A value is good for five minutes: neither a large commit nor a person who looks into a DuckDB file leaves a hole. */
const LIMITS: ProbeLimits = { everyMs: 50_000, waitMs: 3_000, keepMs: 300_000 };

export interface Probed<T> {
  /** The last reading succeeded, not long ago. */
  up: boolean;
  /** Undefined if none has succeeded for long. */
  value: T | undefined;
}

export class CachedProbe<T> {
  private failed = false;
  private last: { value: T; atMs: number } | undefined;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly read: () => Promise<T>,
    /** Called with the first failure after a success. */
    private readonly onFailure: (error: Error) => void,
    private readonly limits = LIMITS,
  ) {}

  /** The value as known now. Never fails. */
  async get(): Promise<Probed<T>> {
    const { everyMs, waitMs, keepMs } = this.limits;
    if (!this.underWay && performance.now() - this.begunAtMs >= everyMs) this.underWay = this.begin();
    if (this.underWay) {
      const enough = new AbortController();
      const patience = sleep(waitMs, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
      await Promise.race([this.underWay, patience]);
      enough.abort();
    }
    const known = this.last && performance.now() - this.last.atMs < keepMs;
    return { up: !this.failed && known === true, value: known ? this.last!.value : undefined };
  }

  private async begin(): Promise<void> {
    this.begunAtMs = performance.now();
    try {
      this.last = { value: await this.read(), atMs: performance.now() };
      this.failed = false;
    } catch (error) {
      if (!this.failed) this.onFailure(error as Error);
      this.failed = true;
    } finally {
      this.underWay = undefined;
    }
  }
}
