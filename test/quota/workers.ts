// Workers with real `Permits` in simulated time, sharing one budget: each calls a server as fast as it may.
import {
  newBudget,
  type Budget,
  type BudgetEvent,
  type BudgetTiming,
  type LeaseAnswer,
  type LeaseClass,
} from '../../src/quota/budget/budget-state.js';
import { reduceBudget } from '../../src/quota/budget/budget.js';
import type { QuotaLimit } from '../../src/quota/limits.js';
import { Permits, type Permit } from '../../src/quota/permits/permits.js';
import { QuotaExhausted } from '../../src/quota/permits/quota-exhausted.js';
import { randomOf, SimulatedTime } from './clock.js';

export interface WorkerOptions {
  dataflow: string;
  class: LeaseClass;
  /** Requests under way at once. */
  parallel: number;
  calls: number;
  batch: number;
  need?: number;
  startsAfterMs?: number;
}

export interface Call {
  dataflow: string;
  class: LeaseClass;
  arrivedMs: number;
}

export class Workers {
  readonly time = new SimulatedTime();
  readonly calls: Call[] = [];
  readonly answers: { atMs: number; dataflow: string; class: LeaseClass; answer: LeaseAnswer }[] = [];
  budget: Budget;
  /** Between a worker and the budget, and between a worker and the server. */
  latencyMs: [from: number, to: number] = [5, 25];
  /** Between a wait's end and the request that comes back. */
  wakingMs: [from: number, to: number] = [10, 50];
  private readonly random;
  private lastLease = 0;

  constructor(
    readonly limits: readonly QuotaLimit[],
    seed: number,
    timing?: BudgetTiming,
  ) {
    this.random = randomOf(seed);
    this.budget = newBudget(timing);
  }

  /** An activity after the other, each with its own `Permits`, until all calls are made or `untilMs` has come. */
  start(options: WorkerOptions, untilMs = Infinity): void {
    const queue = { left: options.calls };
    this.time.after(options.startsAfterMs ?? 0, () => void this.activity(options, queue, untilMs));
  }

  decide(event: BudgetEvent): LeaseAnswer | null {
    const { state, answer } = reduceBudget(this.budget, event, Math.floor(this.time.nowMs));
    this.budget = state;
    return answer;
  }

  between([from, to]: [number, number]): number {
    return from + this.random() * (to - from);
  }

  private permits(options: WorkerOptions): Permits {
    const clockIsOffBy = this.between([-5_000, 5_000]);
    const sleep = (): Promise<void> => this.time.sleep(this.between(this.latencyMs));
    return new Permits({
      dataflow: options.dataflow,
      class: options.class,
      limits: this.limits,
      batch: options.batch,
      monotonicNowMs: () => this.time.nowMs + clockIsOffBy,
      newLeaseId: () => `lease-${(this.lastLease += 1)}`,
      lease: async (request) => {
        await sleep();
        const answer = this.decide({ kind: 'lease', ...request })!;
        this.answers.push({
          atMs: this.time.nowMs,
          dataflow: request.dataflow,
          class: request.class,
          answer,
        });
        await sleep();
        return answer;
      },
      settle: async (settled) => {
        await sleep();
        this.decide({ kind: 'settle', settled });
        await sleep();
      },
    });
  }

  private async activity(options: WorkerOptions, queue: { left: number }, untilMs: number): Promise<void> {
    while (queue.left > 0 && this.time.nowMs < untilMs) {
      const permits = this.permits(options);
      let retryAtMs = 0;
      const loop = async (): Promise<void> => {
        while (queue.left > 0 && retryAtMs === 0 && this.time.nowMs < untilMs) {
          queue.left -= 1;
          let permit: Permit;
          try {
            permit = await permits.take(options.need);
          } catch (error) {
            queue.left += 1;
            if (!(error instanceof QuotaExhausted)) throw error;
            retryAtMs = error.retryAtMs;
            return;
          }
          await this.time.sleep(this.between(this.latencyMs));
          this.calls.push({ dataflow: options.dataflow, class: options.class, arrivedMs: this.time.nowMs });
          await this.time.sleep(this.between(this.latencyMs));
          permits.done(permit);
        }
      };
      await Promise.all(Array.from({ length: options.parallel }, loop));
      await permits.giveBack();
      if (retryAtMs > 0) {
        await this.time.sleep(Math.max(0, retryAtMs - this.time.nowMs) + this.between(this.wakingMs));
      }
    }
  }
}
