// Errors as the failures that Temporal and the workflow know: by their kind, tried again or not, with what was spent. That it is
// too early is none: the workflow is told when to come back.
import { ApplicationFailure, CancelledFailure } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Chunk } from '../../dataflow/chunk.js';
import { KnownError, ruleOf, type FailureKind, type Retried } from '../../dataflow/failures.js';
import type { ApiCalls } from '../../dataflow/flow-run.js';
import { StoreUnavailable } from '../../store/store.js';
import { counts, type Counts } from './count-calls.js';

/** The details of a failure: what the workflow needs of it. */
export interface FailureDetails {
  apiCalls: ApiCalls;
  /** Failed calls that have not been asked again. */
  toRetry: number;
  retryAtMs?: number | undefined;
  askAgainAtMs?: number | undefined;
  unreachable?: boolean | undefined;
  said?: string | undefined;
  /** The server knows the search attributes of runs: one that is refused at its start can show that. */
  searchAttributes?: true;
}

/** What an activity that is not to fail for it answers when it comes too early: nothing is wrong, it says when to come back. */
export interface TooEarly {
  tooEarly: { kind: FailureKind; message: string; details: FailureDetails };
}

/** In an activity's input, if its workflow waits for such an answer; earlier versions wait for a failure. */
export interface Patience {
  mayBeTooEarly?: true;
}

/** Failures that an activity takes before the workflow hears of one. */
const FAILURES_TAKEN: Readonly<Record<Retried, number>> = {
  never: 1,
  once: 2,
  'a few times': 5,
  'as long as it takes': Infinity,
};
/** Attempts at a chunk that Temporal heard no end of, before the chunk is taken for the reason. */
const MOST_LOST = 10;
const ENDLESS_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

/** The chunk that an activity is about, if it is about one. */
const chunkOf = ([input]: unknown[]): Pick<Chunk, 'part'> | undefined =>
  (input as { chunk?: Pick<Chunk, 'part'> } | null | undefined)?.chunk;

/** Another attempt at a chunk would take one more worker down, most likely, and spend its calls anew: a smaller one may come through. */
const mustNotBeDeadly = (args: unknown[]): void => {
  const { lost } = counts();
  if (lost < MOST_LOST || !chunkOf(args)) return;
  throw new KnownError(
    'Timeout',
    `The worker did not come back from this work ${lost} times, as one does not that runs out of memory: give it more, or ask for ` +
      'less at once (fewer columns). Its log says how it ended.',
  );
};

/** The operating system's word, or DuckDB's and PostgreSQL's that quote it. */
const isDiskFull = (error: unknown): error is Error =>
  error instanceof Error &&
  ((error as { code?: string }).code === 'ENOSPC' ||
    /no space left on device|not enough space on the disk/i.test(error.message));

const knownOf = (error: unknown): KnownError => {
  // The store says that it cannot be used; what it quotes may say why.
  if (error instanceof KnownError && !(error instanceof StoreUnavailable)) return error;
  if (isDiskFull(error)) {
    const words = error.message.split('\n')[0];
    const message = `A disk is full: ${words}. Free some space, and the run goes on by itself.`;
    return new KnownError('DiskFull', message);
  }
  if (error instanceof StoreUnavailable) return error;
  const unexpected = new KnownError('Unexpected', error instanceof Error ? error.message : String(error));
  unexpected.cause = error;
  return unexpected;
};

const detailsOf = ({ apiCalls, toRetry }: Counts, error?: KnownError): FailureDetails => {
  const { retryAtMs, askAgainAtMs, unreachable, said } = error?.facts ?? {};
  return { apiCalls, toRetry, retryAtMs, askAgainAtMs, unreachable, said };
};

const mayBeTooEarly = ([input]: unknown[]): boolean =>
  (input as Patience | null | undefined)?.mayBeTooEarly === true;

/** A part of something that failed as a whole is given up sooner. */
const isPart = (args: unknown[]): boolean => chunkOf(args)?.part ?? false;

const endlessPauseMs = (retryAtMs: number | undefined): number =>
  retryAtMs === undefined ? ENDLESS_PAUSE_MS : Math.max(1, retryAtMs - Date.now());

export interface FailureSettings {
  /** The first pause before another attempt; it doubles with each failure. */
  retryPauseMs: number;
  searchAttributes: boolean;
}

const failureOf = (
  error: KnownError,
  part: boolean,
  { retryPauseMs, searchAttributes }: FailureSettings,
): ApplicationFailure => {
  const { kind, message, facts, cause } = error;
  const retried = facts.retried ?? ruleOf(kind).retried;
  const endless = retried === 'as long as it takes';
  const strikes = endless ? 0 : counts().strike();
  const taken = part ? Math.min(FAILURES_TAKEN.once, FAILURES_TAKEN[retried]) : FAILURES_TAKEN[retried];
  return ApplicationFailure.create({
    type: kind,
    message,
    nonRetryable: strikes >= taken,
    nextRetryDelay: endless
      ? endlessPauseMs(facts.retryAtMs)
      : Math.min(retryPauseMs * 2 ** (strikes - 1), LONGEST_PAUSE_MS),
    ...(facts.retryAtMs !== undefined && { category: 'BENIGN' }),
    details: [{ ...detailsOf(counts(), error), ...(searchAttributes && { searchAttributes }) }],
    ...(cause instanceof Error && { cause }),
  });
};

export const mapFailures =
  (settings: FailureSettings): ActivityInterceptorsFactory =>
  ({ cancellationSignal }) => ({
    inbound: {
      execute: async (input, next) => {
        try {
          mustNotBeDeadly(input.args);
          return await next(input);
        } catch (error) {
          if (error instanceof ApplicationFailure) throw error;
          if (cancellationSignal.aborted)
            throw new CancelledFailure('The activity was cancelled', [detailsOf(counts())]);
          const known = knownOf(error);
          const { kind, message, facts } = known;
          if (facts.retryAtMs !== undefined && mayBeTooEarly(input.args))
            return { tooEarly: { kind, message, details: detailsOf(counts(), known) } } satisfies TooEarly;
          throw failureOf(known, isPart(input.args), settings);
        }
      },
    },
  });
