// Something that is read elsewhere for those who watch: seldom, once at a time, and never waited for long.
import { setTimeout as sleep } from 'node:timers/promises';

export interface ReadingLimits {
  /** The least time between the beginnings of two readings, ms. */
  everyMs: number;
  /** How long one who asks waits for a reading that is under way, ms. */
  waitMs: number;
  /** How long an answer is shown while the next one is under way, ms. */
  keepMs: number;
}

/** A store that is busy with a large commit leaves no hole: the last answer stands for five minutes. */
const LIMITS: ReadingLimits = { everyMs: 50_000, waitMs: 3_000, keepMs: 300_000 };

export class Reading<T> {
  private last: { value: T; atMs: number } | undefined;
  private begunAtMs = Number.NEGATIVE_INFINITY;
  private underWay: Promise<void> | undefined;

  constructor(
    private readonly read: () => Promise<T>,
    private readonly limits = LIMITS,
  ) {}

  /** The last answer; undefined where the last reading failed, or none has come for long. */
  async get(): Promise<T | undefined> {
    const { everyMs, waitMs, keepMs } = this.limits;
    if (!this.underWay && performance.now() - this.begunAtMs >= everyMs) this.underWay = this.begin();
    if (this.underWay) {
      const enough = new AbortController();
      const patience = sleep(waitMs, undefined, { signal: enough.signal, ref: false }).catch(() => undefined);
      await Promise.race([this.underWay, patience]);
      enough.abort();
    }
    return this.last && performance.now() - this.last.atMs < keepMs ? this.last.value : undefined;
  }

  private async begin(): Promise<void> {
    this.begunAtMs = performance.now();
    try {
      this.last = { value: await this.read(), atMs: performance.now() };
    } catch {
      this.last = undefined;
    } finally {
      this.underWay = undefined;
    }
  }
}
