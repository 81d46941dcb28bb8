// Waiting: on timers whose summaries say until when and why, and told by the query `progress`.
import { sleep } from '@temporalio/workflow';
import { ruleOf } from '../dataflow/failures.js';
import type { ReportsMade, Waiting } from './contract.js';
import { asApplicationFailure, failureOf, isRefusal, type Refusal } from './failures.js';

/** No run waits longer without asking again: limits may have changed, and headers or clocks may have been read wrongly. */
const LONGEST_SILENCE_MS = 3_600_000;

/** Temporal's Web UI shows the beginning of a summary, so the reason comes first. */
const LONGEST_SUMMARY = 200;

/** @param until ISO time */
const timerSummary = (why: string, until: string): string => {
  const end = `, until ${until.slice(0, 19)}Z`;
  return `${why.slice(0, LONGEST_SUMMARY - end.length)}${end}`;
};

/** When to ask again after a refusal. */
export const asksAtMs = ({
  retryAtMs,
  askAgainAtMs = Infinity,
}: {
  retryAtMs: number;
  askAgainAtMs?: number | undefined;
}): number => Math.min(retryAtMs, askAgainAtMs, Date.now() + LONGEST_SILENCE_MS);

export class Waits {
  /** What holds the run up. */
  private readonly open = new Set<Waiting>();
  /** Reports that Pinterest is making: nothing is in the way, they take their time. */
  private readonly made = new Set<Waiting>();
  /** @param show tells of what has changed */
  constructor(private readonly show: () => void = () => undefined) {}

  private quotaWaits = 0;
  private quotaSinceMs = 0;
  /** Time in which at least one chunk waited for the quota. */
  waitedForQuotaMs = 0;

  /** The wait that ends first; null while none lasts. */
  get waiting(): Waiting | null {
    return [...this.open].sort((a, b) => (a.until < b.until ? -1 : 1))[0] ?? null;
  }

  /** How many reports Pinterest is making, and when the next of them is looked at; null while it makes none. */
  get reports(): ReportsMade | null {
    const [next] = [...this.made].map(({ until }) => until).sort();
    return next === undefined ? null : { count: this.made.size, nextLookAt: next };
  }

  /** When the wait that lasts longest ends, ISO time; null while none lasts. */
  get until(): string | null {
    return (
      [...this.open]
        .map(({ until }) => until)
        .sort()
        .at(-1) ?? null
    );
  }

  /** For something that a person may have to mend, or that passes. */
  async wait(untilMs: number, why: string): Promise<void> {
    await this.waitUntil(this.open, untilMs, untilMs, why);
  }

  /** @param untilMs when it is looked at */
  async waitForReport(untilMs: number, why: string): Promise<void> {
    await this.waitUntil(this.made, untilMs, asksAtMs({ retryAtMs: untilMs }), why);
  }

  /** Until the time that a step was told which came too early. */
  waitAsTold(refusal: Refusal): Promise<void> {
    if (refusal.kind !== 'ReportPending') return this.waitForQuota(refusal);
    return this.waitForReport(refusal.retryAtMs, refusal.message);
  }

  /** Each refusal of the quota is a place in line of its own, so each waits on a timer of its own. */
  async waitForQuota(refusal: Refusal): Promise<void> {
    if (this.quotaWaits++ === 0) this.quotaSinceMs = Date.now();
    try {
      await this.waitUntil(this.open, refusal.retryAtMs, asksAtMs(refusal), refusal.message);
    } finally {
      if (--this.quotaWaits === 0) this.waitedForQuotaMs += Date.now() - this.quotaSinceMs;
    }
  }

  private async waitUntil(
    waits: Set<Waiting>,
    untilMs: number,
    wakesAtMs: number,
    why: string,
  ): Promise<void> {
    const until = new Date(untilMs).toISOString();
    const wait: Waiting = { until, why };
    waits.add(wait);
    this.show();
    try {
      await sleep(Math.max(1, wakesAtMs - Date.now()), { summary: timerSummary(why, until) });
    } finally {
      waits.delete(wait);
      this.show();
    }
  }
}

/** How long to leave a store alone that cannot be used: longer and longer, so that days of waiting fit into a history. */
const STORE_PAUSE_MS = 30_000;
const LONGEST_STORE_PAUSE_MS = 300_000;

/** Runs an activity again as long as the store cannot be used for a reason that passes. */
export const whileStoreIsLocked = async <T>(waits: Waits, work: () => Promise<T>): Promise<T> => {
  for (let pauseMs = STORE_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_STORE_PAUSE_MS)) {
    try {
      return await work();
    } catch (error) {
      const { kind, message } = failureOf(error);
      if (ruleOf(kind).fault !== 'store') throw error;
      await waits.wait(Date.now() + pauseMs, message);
    }
  }
};

/** Runs an activity again as long as the quota says to come back later; any other failure is thrown as the workflow's own. */
export const whenQuotaAllows = async <T>(
  work: () => Promise<T>,
  wait: (refusal: Refusal) => Promise<void>,
): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const failure = failureOf(error);
      if (!isRefusal(failure)) throw asApplicationFailure(error);
      await wait(failure);
    }
  }
};

const onTimer = (refusal: Refusal): Promise<void> => {
  const summary = timerSummary(refusal.message, new Date(refusal.retryAtMs).toISOString());
  return sleep(Math.max(asksAtMs(refusal) - Date.now(), 1_000), { summary });
};

/** The same for a question, which nobody can ask how far it is: the timer says what it waits for. */
export const whenAllowed = <T>(work: () => Promise<T>): Promise<T> => whenQuotaAllows(work, onTimer);
