// Simulated time: things happen at their time, in order, and a seed decides all that is random.

export type Random = () => number;

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** A heap of things to do. */
export class SimulatedTime {
  nowMs: number;
  private order = 0;
  private readonly heap: { atMs: number; order: number; run: () => void }[] = [];

  constructor(startMs = 1_800_000_000_000) {
    this.nowMs = startMs;
  }

  at(atMs: number, run: () => void): void {
    const { heap } = this;
    const entry = { atMs: Math.max(atMs, this.nowMs), order: this.order++, run };
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!this.before(i, parent)) break;
      [heap[i], heap[parent]] = [heap[parent]!, heap[i]!];
      i = parent;
    }
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.nowMs + delayMs, run);
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Does the next thing, if there is one before `untilMs`. */
  step(untilMs = Infinity): boolean {
    const { heap } = this;
    const first = heap[0];
    if (!first || first.atMs > untilMs) return false;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      for (let i = 0; ;) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2]) {
          if (child < heap.length && this.before(child, least)) least = child;
        }
        if (least === i) break;
        [heap[i], heap[least]] = [heap[least]!, heap[i]!];
        i = least;
      }
    }
    this.nowMs = first.atMs;
    first.run();
    return true;
  }

  /** @throws Error when it does not come to an end */
  run(most: number): void {
    for (let steps = 0; this.step(); steps += 1) {
      if (steps === most) throw new Error(`It still goes on after ${most} steps`);
    }
  }

  /** Runs promises along: between two things all that can go on without time passing does. */
  async runAsync(untilMs = Infinity): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.step(untilMs));
  }

  private before(one: number, other: number): boolean {
    const a = this.heap[one]!;
    const b = this.heap[other]!;
    return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  }
}
