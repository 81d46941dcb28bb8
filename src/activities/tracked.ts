// What every activity that calls Pinterest has around it: calls counted across attempts, errors turned into failures
// that Temporal retries, or not, by their kind.
import { ApplicationFailure, CancelledFailure, Context } from '@temporalio/activity';
import { NoToken } from '../credentials/credentials.js';
import { noCalls, type ApiCalls, type CallKind } from '../dataflow/flow-run.js';
import { InvalidSpec } from '../dataflow/invalid-spec.js';
import { MalformedAnswer } from '../loading/malformed-answer.js';
import { PinterestError, type ErrorKind } from '../pinterest/errors.js';
import type { CallCounter } from '../pinterest/transport.js';
import { QuotaExhausted, QuotaUnanswered } from '../quota/permits/quota-exhausted.js';
import { StoreUnavailable } from '../store/store.js';
import type { Dependencies } from './dependencies.js';

/** Carried by heartbeats from one attempt of an activity to the next, so that a crash forgets no call. */
interface Progress {
  apiCalls: ApiCalls;
  /** Failed calls that have not been asked again yet. */
  toRetry: number;
  /** Failures that another attempt may cure. */
  strikes: number;
}

/** The details of a failure: what the workflow needs of it. */
export interface FailureDetails {
  apiCalls: ApiCalls;
  /** Failed calls that have not been asked again. */
  toRetry: number;
  retryAtMs?: number | undefined;
  /** The API did not answer at all, so a smaller question will not be answered either. */
  unreachable?: boolean | undefined;
}

/** Tries before a question that keeps failing is given back to the workflow; fewer where a smaller one is the cure. */
const STRIKES = 5;
const FEW_STRIKES = 2;
const HEARTBEAT_MS = 2_000;
const UNANSWERED_MS = 5_000;
const LONGEST_DELAY_MS = 60_000;

const FINAL: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'AccessDenied',
  'CredentialExpired',
  'QuotaExhausted',
  'RateLimited',
  'Refused',
  'TooLarge',
  'ReportLost',
]);

/** The operating system's word, or DuckDB's and PostgreSQL's that quote it. */
const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  ((error as { code?: string }).code === 'ENOSPC' ||
    /no space left on device|not enough space on the disk/i.test(error.message));

export class Tracked implements CallCounter {
  private readonly progress: Progress;

  constructor(
    private readonly context: Context,
    private readonly retryPauseMs: number,
    private readonly strikes: number,
  ) {
    const details = context.info.heartbeatDetails as Progress | undefined;
    this.progress = details ?? { apiCalls: noCalls(), toRetry: 0, strikes: 0 };
  }

  get apiCalls(): ApiCalls {
    return this.progress.apiCalls;
  }

  started(kind: CallKind): void {
    this.apiCalls[kind] += 1;
    this.apiCalls.total += 1;
    if (this.progress.toRetry > 0) {
      this.progress.toRetry -= 1;
      this.apiCalls.retried += 1;
    }
    this.beat();
  }

  failed(): void {
    this.progress.toRetry += 1;
    this.beat();
  }

  beat(): void {
    this.context.heartbeat(this.progress);
  }

  /** The failure that `error` becomes for Temporal. */
  failure(error: unknown): unknown {
    if (error instanceof ApplicationFailure) return error;
    if (this.context.cancellationSignal.aborted) {
      return new CancelledFailure('The activity was cancelled', [this.details()]);
    }
    if (error instanceof InvalidSpec) {
      return this.final('InvalidSpec', error.message);
    }
    if (error instanceof NoToken) {
      return this.final('CredentialExpired', error.message);
    }
    if (isDiskFull(error)) {
      const words = (error as Error).message.split('\n')[0];
      return this.final(
        'DiskFull',
        `A disk is full: ${words}. Free some space, and the run goes on by itself.`,
      );
    }
    if (error instanceof StoreUnavailable) {
      return this.final(error.locked ? 'StoreLocked' : 'StoreUnavailable', error.message);
    }
    if (error instanceof MalformedAnswer) {
      return error.kind === 'truncated'
        ? this.again(new PinterestError('TooLarge', error.message), FEW_STRIKES)
        : this.again(new PinterestError('ContractViolation', error.message));
    }
    if (error instanceof QuotaExhausted) {
      return this.failure(
        new PinterestError('QuotaExhausted', error.message, { retryAtMs: error.retryAtMs }),
      );
    }
    if (error instanceof QuotaUnanswered) {
      // Nothing was spent, and no other way is open: asked again for as long as it takes.
      return ApplicationFailure.create({
        type: 'QuotaUnanswered',
        message: error.message,
        nextRetryDelay: UNANSWERED_MS,
        details: [this.details()],
      });
    }
    if (!(error instanceof PinterestError)) return this.unexpected(error);
    if (!FINAL.has(error.kind)) return this.again(error);
    return this.final(error.kind, error.message, error);
  }

  /** What another attempt would meet again: the workflow decides. */
  private final(type: string, message: string, error?: PinterestError): ApplicationFailure {
    return ApplicationFailure.create({ type, message, nonRetryable: true, details: [this.details(error)] });
  }

  /** Another attempt after a growing pause; after enough of them the workflow decides. */
  private again(error: PinterestError, strikes = this.strikes): ApplicationFailure {
    this.progress.strikes += 1;
    this.beat();
    return ApplicationFailure.create({
      type: error.kind,
      message: error.message,
      nonRetryable: this.progress.strikes >= strikes,
      nextRetryDelay: Math.min(this.retryPauseMs * 2 ** (this.progress.strikes - 1), LONGEST_DELAY_MS),
      details: [this.details(error)],
    });
  }

  /** A fault of ours, most likely: tried again, but never for ever, since each attempt may cost calls. */
  private unexpected(error: unknown): ApplicationFailure {
    this.progress.strikes += 1;
    this.beat();
    return ApplicationFailure.create({
      type: 'Unexpected',
      message: error instanceof Error ? error.message : String(error),
      nonRetryable: this.progress.strikes >= this.strikes,
      details: [this.details()],
      ...(error instanceof Error ? { cause: error } : {}),
    });
  }

  private details(error?: PinterestError): FailureDetails {
    const { retryAtMs, unreachable } = error?.facts ?? {};
    return { apiCalls: this.apiCalls, toRetry: this.progress.toRetry, retryAtMs, unreachable };
  }
}

/**
 * Runs an activity's work with its calls counted, heartbeats sent and errors typed.
 * @param part the work is a part of something that failed as a whole
 */
export const tracked = async <T>(
  { retryPauseMs }: Pick<Dependencies, 'retryPauseMs'>,
  work: (tracked: Tracked) => Promise<T>,
  part = false,
): Promise<T> => {
  const track = new Tracked(Context.current(), retryPauseMs, part ? FEW_STRIKES : STRIKES);
  const beating = setInterval(() => track.beat(), HEARTBEAT_MS);
  try {
    return await work(track);
  } catch (error) {
    throw track.failure(error);
  } finally {
    clearInterval(beating);
  }
};
