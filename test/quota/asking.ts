// A budget under test that one can talk to in a line.
import {
  newBudget,
  type Budget,
  type LeaseAnswer,
  type LeaseRequest,
  type SettledLease,
} from '../../src/quota/budget/budget-state.js';
import { reduceBudget } from '../../src/quota/budget/budget.js';
import { parseQuota } from '../../src/quota/limits.js';

export const START_MS = Date.UTC(2026, 5, 1);

export class Asking {
  budget: Budget;
  private lastLease = 0;

  constructor(
    private readonly quota: string,
    timing?: Budget['timing'],
  ) {
    this.budget = newBudget(timing);
  }

  /** `atMs` counts from the start. */
  lease(atMs: number, request: Partial<LeaseRequest> & { quota?: string } = {}): LeaseAnswer {
    const { quota = this.quota, ...rest } = request;
    const need = rest.need ?? 1;
    const { state, answer } = reduceBudget(
      this.budget,
      {
        kind: 'lease',
        leaseId: `lease-${(this.lastLease += 1)}`,
        dataflow: 'acme',
        class: 'backfill',
        want: need,
        limits: parseQuota(quota),
        settled: [],
        ...rest,
        need,
      },
      START_MS + atMs,
    );
    this.budget = state;
    return answer;
  }

  /** Leases and spends at once; answers with the number of calls made. */
  spend(atMs: number, calls: number, request: Partial<LeaseRequest> & { quota?: string } = {}): number {
    const answer = this.lease(atMs, { want: calls, ...request });
    if (answer.kind === 'refused') return 0;
    this.settle(atMs, [{ leaseId: answer.leaseId, spent: answer.permits, unspent: 0 }]);
    return answer.permits;
  }

  settle(atMs: number, settled: SettledLease[]): void {
    this.budget = reduceBudget(this.budget, { kind: 'settle', settled }, START_MS + atMs).state;
  }

  misfit(atMs: number, why: string): void {
    this.budget = reduceBudget(this.budget, { kind: 'misfit', why }, START_MS + atMs).state;
  }

  hold(atMs: number, untilMs: number, why: string): void {
    this.budget = reduceBudget(
      this.budget,
      { kind: 'hold', untilMs: START_MS + untilMs, why },
      START_MS + atMs,
    ).state;
  }
}

/** When to come back, counted from the start. */
export const retryOf = (answer: LeaseAnswer): number => {
  if (answer.kind === 'granted') throw new Error('It was granted');
  return answer.retryAtMs - START_MS;
};

export const permitsOf = (answer: LeaseAnswer): number => (answer.kind === 'granted' ? answer.permits : 0);
