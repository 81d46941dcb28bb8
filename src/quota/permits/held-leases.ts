// What a worker holds of each lease: permits to hand out, permits in use, and what the budget has not heard yet.
import { MOST_SETTLED, type SettledLease } from '../budget/budget-state.js';

export interface HeldLease extends SettledLease {
  permits: number;
  /** Permits not handed out yet. */
  ready: number;
  /** On the holder's monotonic clock. */
  expiresAtMs: number;
  heardSpent: number;
  heardUnspent: number;
}

export class HeldLeases {
  private readonly leases = new Map<string, HeldLease>();

  add(leaseId: string, permits: number, expiresAtMs: number): void {
    // The budget was away for long: what it does not hear of counts as spent.
    if (this.leases.size >= MOST_SETTLED) this.leases.delete(this.leases.keys().next().value!);
    const none = { spent: 0, unspent: 0, heardSpent: 0, heardUnspent: 0 };
    this.leases.set(leaseId, { leaseId, permits, ready: permits, expiresAtMs, ...none });
  }

  get(leaseId: string): HeldLease | undefined {
    return this.leases.get(leaseId);
  }

  ready(): number {
    let ready = 0;
    for (const lease of this.leases.values()) ready += lease.ready;
    return ready;
  }

  /** The lease that expires first of those with a permit to hand out. */
  next(): HeldLease | undefined {
    let next: HeldLease | undefined;
    for (const lease of this.leases.values()) {
      if (lease.ready > 0 && (!next || lease.expiresAtMs < next.expiresAtMs)) next = lease;
    }
    return next;
  }

  /** No permit that expires at or before `nowMs` is ever handed out. */
  drop(nowMs: number): void {
    for (const lease of this.leases.values()) {
      if (lease.expiresAtMs > nowMs) continue;
      lease.unspent += lease.ready;
      lease.ready = 0;
    }
  }

  unheard(): SettledLease[] {
    return [...this.leases.values()]
      .filter((lease) => lease.spent > lease.heardSpent || lease.unspent > lease.heardUnspent)
      .map(({ leaseId, spent, unspent }) => ({ leaseId, spent, unspent }));
  }

  heard(reports: readonly SettledLease[]): void {
    for (const report of reports) {
      const lease = this.leases.get(report.leaseId);
      if (!lease) continue;
      lease.heardSpent = Math.max(lease.heardSpent, report.spent);
      lease.heardUnspent = Math.max(lease.heardUnspent, report.unspent);
      if (lease.heardSpent + lease.heardUnspent >= lease.permits) this.leases.delete(report.leaseId);
    }
  }
}
