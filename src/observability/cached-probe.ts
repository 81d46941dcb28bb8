// Something that is read elsewhere for those who watch: seldom, once at a time, and never waited for long.
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProbeLimits {
  /** The least time between the beginnings of two readings, ms. */
  everyMs: number;
  /** How long one who asks waits for a reading that is under way, ms. */
  waitMs: number;
  /** How long an answer stands while the next one does not come, ms. */
  keepMs: number;
}

/** Neither a large commit nor a person who looks into a DuckDB file leaves a hole: an answer stands for five minutes. */
const LIMITS: ProbeLimits = { everyMs: 50_000, waitMs: 3_000, keepMs: 300_000 };

export interface Read<T> {
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
    /** Told of the first failure after a success. */
    private readonly tell: (error: Error) => void,
    private readonly limits = LIMITS,
  ) {}

  /** What is known now; never fails. */
  async get(): Promise<Read<T>> {
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
      if (!this.failed) this.tell(error as Error);
      this.failed = true;
    } finally {
      this.underWay = undefined;
    }
  }
}
