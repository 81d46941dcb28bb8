// Holding back: all chunks of a run wait on one timer, whose summary says until when and why.
import { sleep } from '@temporalio/workflow';
import { failureOf } from './failures.js';

export interface Waiting {
  /** ISO time. */
  until: string;
  why: string;
}

export class Hold {
  private untilMs = 0;
  private timer: Promise<void> | undefined;
  waiting: Waiting | null = null;
  /** Time held back so far because Pinterest or the quota said so. */
  waitedForQuotaMs = 0;

  /** Waits until `untilMs`; whoever comes meanwhile waits along. */
  async until(untilMs: number, why: string, forQuota: boolean): Promise<void> {
    if (untilMs > this.untilMs) this.untilMs = untilMs;
    this.timer ??= this.sleep(why, forQuota).finally(() => {
      this.timer = undefined;
      this.waiting = null;
    });
    await this.timer;
  }

  /** Waits as long as the run is held back; at once where it is not. */
  async pass(): Promise<void> {
    await this.timer;
  }

  private async sleep(why: string, forQuota: boolean): Promise<void> {
    for (let left = this.untilMs - Date.now(); left > 0; left = this.untilMs - Date.now()) {
      const until = new Date(this.untilMs).toISOString();
      this.waiting = { until, why };
      await sleep(left, { summary: `until ${until.slice(0, 19)}Z: ${why}`.slice(0, 200) });
      if (forQuota) this.waitedForQuotaMs += left;
    }
  }
}

/** How long to leave a store alone that another program holds. */
const STORE_LOCKED_MS = 30_000;

/** Runs an activity again as long as the store is held by another program. */
export const whileStoreIsLocked = async <T>(hold: Hold, work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const { type, message } = failureOf(error);
      if (type !== 'StoreLocked') throw error;
      await hold.until(Date.now() + STORE_LOCKED_MS, message, false);
    }
  }
};
