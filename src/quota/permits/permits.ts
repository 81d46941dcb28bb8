// The worker's side of the budget: leases permits in small batches, hands them out one by one, and reports what became of them.
import type { LeaseAnswer, LeaseClass, LeaseRequest, SettledLease } from '../budget/budget-state.js';
import { HeldLeases } from './held-leases.js';
import type { QuotaLimit } from '../limits.js';
import { QuotaExhausted } from './quota-exhausted.js';

export interface PermitsOptions {
  dataflow: string;
  class: LeaseClass;
  limits: readonly QuotaLimit[];
  /** Permits to lease at once; a crash costs at most these besides the calls in flight. */
  batch: number;
  lease: (request: LeaseRequest) => Promise<LeaseAnswer>;
  settle: (settled: SettledLease[]) => Promise<void>;
  /** Milliseconds on a clock that is never set: `performance.now`. */
  monotonicNowMs: () => number;
  newLeaseId: () => string;
}

/** Lets one request leave, at once; `Permits.done` when its answer came or it timed out. */
export interface Permit {
  readonly leaseId: string;
}

/** A permit is not handed out in the last part of its life, so that its request leaves in time on a busy machine. */
const USABLE_PART = 0.95;

export class Permits {
  private readonly held = new HeldLeases();
  private readonly inUse = new Set<Permit>();
  private leasing: Promise<void> | undefined;

  constructor(private readonly options: PermitsOptions) {}

  /**
   * A permit for one request. `need` asks that so many are at hand, this one included, before the first is handed out; `want`
   * is how many to lease if some have to be.
   * @throws QuotaExhausted when the budget says to come back later
   */
  async take(need = 1, want = this.options.batch): Promise<Permit> {
    for (;;) {
      this.held.drop(this.options.monotonicNowMs());
      const missing = need - this.held.ready();
      const lease = missing > 0 ? undefined : this.held.next();
      if (lease) {
        lease.ready -= 1;
        const permit: Permit = { leaseId: lease.leaseId };
        this.inUse.add(permit);
        return permit;
      }
      this.leasing ??= this.leaseMore(Math.max(1, missing), want).finally(() => {
        this.leasing = undefined;
      });
      await this.leasing;
    }
  }

  /** Whether requests are under way: what becomes of them is still to be reported. */
  get isBusy(): boolean {
    return this.inUse.size > 0;
  }

  /** Permits at hand. */
  get ready(): number {
    return this.held.ready();
  }

  /** The request of this permit was answered or timed out. */
  done(permit: Permit): void {
    if (!this.inUse.delete(permit)) return;
    const lease = this.held.get(permit.leaseId);
    if (lease) lease.spent += 1;
  }

  /** The request of this permit never left. */
  undo(permit: Permit): void {
    if (!this.inUse.delete(permit)) return;
    const lease = this.held.get(permit.leaseId);
    if (lease) lease.unspent += 1;
  }

  /**
   * Reports all that is settled and gives back what was not handed out. Call it when no request is left and on refusal.
   * @returns whether the budget heard it; what it did not hear counts as spent
   */
  async giveBack(): Promise<boolean> {
    await this.leasing?.catch(() => undefined);
    this.held.drop(Infinity);
    const settled = this.held.unheard();
    if (settled.length === 0) return true;
    try {
      await this.options.settle(settled);
    } catch {
      return false;
    }
    this.held.heard(settled);
    return true;
  }

  private async leaseMore(need: number, wanted: number): Promise<void> {
    const { dataflow, class: leaseClass, limits } = this.options;
    const leaseId = this.options.newLeaseId();
    const settled = this.held.unheard();
    const want = Math.max(wanted, need);
    // The time to live runs from before the question, so it is over here before it is over at the budget.
    const askedAtMs = this.options.monotonicNowMs();
    let answer: LeaseAnswer;
    try {
      answer = await this.options.lease({
        leaseId,
        dataflow,
        class: leaseClass,
        want,
        need,
        limits,
        settled,
      });
    } catch (error) {
      // It may have been granted all the same: what it holds will never be used.
      this.held.add(leaseId, want, -Infinity);
      throw error;
    }
    this.held.heard(settled);
    if (answer.kind === 'refused') {
      const { retryAtMs, why, waitMs, askAgainAtMs } = answer;
      throw new QuotaExhausted(retryAtMs, why, waitMs, askAgainAtMs);
    }
    this.held.add(leaseId, answer.permits, askedAtMs + answer.ttlMs * USABLE_PART);
  }
}
