// Judges a budget by what a server saw: nothing but the times at which requests arrived.
import { limitName, type QuotaLimit } from '../../src/quota/limits.js';

/** Every stretch of time in which more calls arrived than a limit allows. */
export const excesses = (arrivals: readonly number[], limits: readonly QuotaLimit[]): string[] => {
  const sorted = arrivals.toSorted((one, other) => one - other);
  const found: string[] = [];
  for (const limit of limits) {
    for (let i = limit.calls; i < sorted.length; i += 1) {
      const gapMs = sorted[i]! - sorted[i - limit.calls]!;
      if (gapMs < limit.windowMs)
        found.push(`${limit.calls + 1} calls in ${gapMs} ms under ${limitName(limit)}`);
    }
  }
  return found;
};

export interface Waiting {
  /** The same for as long as it waits. */
  key: string | number;
  dataflow: string;
}

/** Counts the grants that pass somebody who waits, since its dataflow's own last grant. */
export class TurnJudge {
  readonly unfair: string[] = [];
  private passes = new Map<string | number, Map<string, number>>();

  granted(dataflow: string, waiting: readonly Waiting[]): void {
    const before = this.passes;
    this.passes = new Map();
    for (const waiter of waiting) {
      if (waiter.dataflow === dataflow) continue;
      const passes = before.get(waiter.key) ?? new Map<string, number>();
      const count = (passes.get(dataflow) ?? 0) + 1;
      this.passes.set(waiter.key, passes.set(dataflow, count));
      if (count > 2) this.unfair.push(`${dataflow} got ${count} grants while ${waiter.dataflow} waited`);
    }
  }
}
