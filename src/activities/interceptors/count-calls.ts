// What an activity has spent: carried by heartbeats from one attempt to the next, so that a crash forgets no call.
import { Context } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { noCalls, type ApiCalls, type CallKind } from '../../dataflow/flow-run.js';
import type { CallCounter } from '../../pinterest/transport.js';

const HEARTBEAT_MS = 2_000;

/** The details of a heartbeat: workers of other versions read them, so the names stay. */
interface Carried {
  apiCalls: ApiCalls;
  /** Failed calls that have not been asked again yet. */
  toRetry: number;
  /** Failures that another attempt may cure. */
  strikes: number;
  /** An attempt is at work; where the next one reads this, it went away without a word. Earlier versions do not say. */
  atWork?: boolean;
  /** Attempts that did. */
  lost?: number;
}

export class Counts implements CallCounter {
  private readonly carried: Carried;

  constructor(private readonly context: Context) {
    const details = context.info.heartbeatDetails as Carried | undefined;
    this.carried = details ?? { apiCalls: noCalls(), toRetry: 0, strikes: 0 };
    if (this.carried.atWork) this.carried.lost = this.lost + 1;
    this.carried.atWork = true;
  }

  /** Attempts whose worker went away. */
  get lost(): number {
    return this.carried.lost ?? 0;
  }

  get apiCalls(): ApiCalls {
    return this.carried.apiCalls;
  }

  get toRetry(): number {
    return this.carried.toRetry;
  }

  started(kind: CallKind): () => void {
    const again = this.carried.toRetry > 0 ? 1 : 0;
    const count = (by: 1 | -1): void => {
      this.apiCalls[kind] += by;
      this.apiCalls.total += by;
      this.apiCalls.retried += by * again;
      this.carried.toRetry -= by * again;
      this.beat();
    };
    count(1);
    return () => count(-1);
  }

  failed(): void {
    this.carried.toRetry += 1;
    this.beat();
  }

  /** One more failure that another attempt may cure; returns how many there were so far. */
  strike(): number {
    this.carried.strikes += 1;
    this.beat();
    return this.carried.strikes;
  }

  /** The attempt ends with a failure that Temporal hears of. */
  ended(): void {
    this.carried.atWork = false;
    this.beat();
  }

  beat(): void {
    this.context.heartbeat(this.carried);
  }
}

const underWay = new WeakMap<Context, Counts>();

/** The counts of the activity that is under way here. */
export const counts = (): Counts => underWay.get(Context.current())!;

export const countCalls: ActivityInterceptorsFactory = (context) => ({
  inbound: {
    execute: async (input, next) => {
      const counts = new Counts(context);
      underWay.set(context, counts);
      const beating = setInterval(() => counts.beat(), HEARTBEAT_MS);
      try {
        return await next(input);
      } catch (error) {
        counts.ended();
        throw error;
      } finally {
        clearInterval(beating);
      }
    },
  },
});
