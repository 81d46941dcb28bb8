// The gates that API calls pass: one pool of permits a dataflow and class in this worker, given back when it is idle.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LeaseAnswer, LeaseClass, LeaseRequest, SettledLease } from '../budget/budget-state.js';
import type { QuotaLimit } from '../limits.js';
import { Permits, type Permit } from './permits.js';
import { QuotaExhausted, QuotaUnanswered } from './quota-exhausted.js';

/** The budget, as a worker reaches it. */
export interface BudgetAccess {
  lease(request: LeaseRequest): Promise<LeaseAnswer>;
  settle(settled: SettledLease[]): Promise<void>;
  /** Pinterest said to come back in `waitMs`: everybody waits. */
  hold(waitMs: number, why: string): Promise<void>;
}

export interface GatesOptions {
  limits: readonly QuotaLimit[];
  access: BudgetAccess;
  monotonicNowMs: () => number;
  newLeaseId: () => string;
}

/** What one activity's calls pass. */
export interface Gate {
  /** @throws QuotaExhausted if no call may leave soon, QuotaUnanswered if nobody says whether one may */
  take(signal?: AbortSignal): Promise<{ done(): void; undo(): void }>;
  hold(untilMs: number, why: string): Promise<void>;
  /** Gives back what is at hand: no more calls follow. */
  end(): Promise<void>;
}

/** A crash costs at most these, besides the calls in flight. */
const BATCH = 4;
/** A place in line that is due so soon is waited for here; for a later one the workflow sleeps, where a person sees it. */
const SOON_MS = 1_000;
/** Permits that nobody took for so long are given back; longer than a report's next poll is away. */
const IDLE_MS = 12_000;
/** If none is at hand, the budget soon hears of the last ones' end: they count until a window after that. */
const SETTLE_MS = 500;
/** The shorter the window, the more such a moment matters. */
const SETTLE_PART = 1 / 100;

/** How long to leave a quota alone that does not answer. */
const SHORTEST_SILENCE_MS = 5_000;
const LONGEST_SILENCE_MS = 300_000;

export interface GateOptions {
  dataflow: string;
  class: LeaseClass;
  /** Calls that have to be at hand before the first may leave: a report and its polls. */
  need?: number;
  /** Permits under this name are kept for those who ask by it: a report's polls. */
  keptFor?: string;
}

interface Pool {
  dataflow: string;
  permits: Permits;
  idle: ReturnType<typeof setTimeout> | undefined;
}

export class Gates {
  private readonly pools = new Map<string, Pool>();
  private readonly settleMs: number;
  /** Since when nobody answers, epoch ms. */
  private silentSinceMs: number | undefined;

  constructor(private readonly options: GatesOptions) {
    const windowsMs = options.limits.map(({ windowMs }) => windowMs);
    this.settleMs = Math.min(SETTLE_MS, ...windowsMs.map((ms) => ms * SETTLE_PART));
  }

  gate(options: GateOptions): Gate {
    const key = `${options.dataflow} ${options.class} ${options.keptFor ?? ''}`;
    let taken = 0;
    return {
      take: async (signal) => {
        // Who takes many takes them in growing batches; few calls leave no permit behind.
        const need = taken === 0 ? (options.need ?? 1) : 1;
        const want = Math.min(BATCH, Math.max(need, taken));
        const { pool, permit } = await this.taken(key, options, need, want, signal);
        taken += 1;
        const settled = (settle: (permit: Permit) => void) => (): void => {
          settle(permit);
          this.whenIdle(key, pool);
        };
        return {
          done: settled((one) => pool.permits.done(one)),
          undo: settled((one) => pool.permits.undo(one)),
        };
      },
      hold: (untilMs, why) => this.options.access.hold(Math.max(0, untilMs - Date.now()), why),
      end: async () => {
        const pool = this.pools.get(key);
        if (pool && pool.permits.ready > 0 && !pool.permits.isBusy) await this.drop(key, pool);
      },
    };
  }

  private async taken(
    key: string,
    options: GateOptions,
    need: number,
    want: number,
    signal: AbortSignal | undefined,
  ): Promise<{ pool: Pool; permit: Permit }> {
    let patienceMs = SOON_MS;
    for (;;) {
      const pool = this.pool(key, options);
      clearTimeout(pool.idle);
      try {
        const permit = await pool.permits.take(need, want);
        this.silentSinceMs = undefined;
        return { pool, permit };
      } catch (error) {
        await pool.permits.giveBack();
        if (!(error instanceof QuotaExhausted)) throw this.unanswered(error as Error);
        this.silentSinceMs = undefined;
        if (error.waitMs > patienceMs) throw error;
        const waitMs = Math.max(1, error.waitMs);
        patienceMs -= waitMs;
        await sleep(waitMs, undefined, signal ? { signal } : {});
      }
    }
  }

  /** The longer the quota has been silent, the longer a run waits before it asks again. */
  private unanswered({ message }: Error): QuotaUnanswered {
    const nowMs = Date.now();
    this.silentSinceMs ??= nowMs;
    const pauseMs = Math.min(Math.max(nowMs - this.silentSinceMs, SHORTEST_SILENCE_MS), LONGEST_SILENCE_MS);
    return new QuotaUnanswered(message, nowMs + pauseMs);
  }

  /** Gives back what this worker holds for a dataflow, e.g. when its run has ended. */
  async giveBack(dataflow: string): Promise<void> {
    for (const [key, pool] of this.pools) if (pool.dataflow === dataflow) await this.drop(key, pool);
  }

  /** Gives back everything: the worker is about to stop. */
  async close(): Promise<void> {
    for (const [key, pool] of this.pools) await this.drop(key, pool);
  }

  private whenIdle(key: string, pool: Pool): void {
    clearTimeout(pool.idle);
    const ms = pool.permits.ready > 0 ? IDLE_MS : this.settleMs;
    pool.idle = setTimeout(() => void this.drop(key, pool), ms);
    pool.idle.unref();
  }

  /** A pool with requests under way, or that the budget did not hear of, is kept, and told of with its next lease. */
  private async drop(key: string, pool: Pool): Promise<void> {
    clearTimeout(pool.idle);
    const heard = await pool.permits.giveBack();
    if (heard && !pool.permits.isBusy && this.pools.get(key) === pool) this.pools.delete(key);
  }

  private pool(key: string, { dataflow, class: leaseClass }: GateOptions): Pool {
    let pool = this.pools.get(key);
    if (!pool) {
      const { limits, access, monotonicNowMs, newLeaseId } = this.options;
      const permits = new Permits({
        dataflow,
        class: leaseClass,
        limits,
        batch: 1,
        lease: (request) => access.lease(request),
        settle: (settled) => access.settle(settled),
        monotonicNowMs,
        newLeaseId,
      });
      pool = { dataflow, permits, idle: undefined };
      this.pools.set(key, pool);
    }
    return pool;
  }
}
