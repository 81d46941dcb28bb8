// What a failed activity tells the workflow: its type, its words, when to come back, what it has spent.
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureDetails } from '../activities/tracked.js';
import { noCalls, type ApiCalls, type FlowRun } from '../dataflow/flow-run.js';

export interface Failure {
  type: string;
  message: string;
  retryAtMs: number | undefined;
  unreachable: boolean;
  apiCalls: ApiCalls;
  /** Failed calls among them that were not asked again. */
  toRetry: number;
}

const UNKNOWN = { retryAtMs: undefined, unreachable: false, apiCalls: noCalls(), toRetry: 0 };

/** @throws what is a cancellation, or no activity's failure */
export const failureOf = (error: unknown): Failure => {
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return { ...UNKNOWN, type: 'Timeout', message: cause.message };
  }
  if (!(cause instanceof ApplicationFailure)) throw error;
  const details = cause.details?.[0] as FailureDetails | undefined;
  return {
    type: cause.type ?? 'Error',
    message: cause.message,
    retryAtMs: details?.retryAtMs,
    unreachable: details?.unreachable ?? false,
    apiCalls: details?.apiCalls ?? noCalls(),
    toRetry: details?.toRetry ?? 0,
  };
};

/** What a cancelled activity had spent. */
export const spentBy = (error: unknown): ApiCalls => {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const details =
    cause instanceof CancelledFailure ? (cause.details?.[0] as FailureDetails | undefined) : undefined;
  return details?.apiCalls ?? noCalls();
};

/** Failures of the store that pass by themselves or once a person has seen to them. */
const PASSING = new Set(['StoreLocked', 'DiskFull']);

export const passes = (type: string): boolean => PASSING.has(type);

/** Failures after which no other chunk of the run would come through either. */
const FATAL = new Set(['InvalidSpec', 'AccessDenied', 'StoreUnavailable', 'ClaimLost']);

export const isFatal = (type: string): boolean => FATAL.has(type);

/** An activity's failure as the workflow's own, so that its type and words stand on top. Other errors pass through. */
export const asApplicationFailure = (error: unknown): ApplicationFailure => {
  if (error instanceof ApplicationFailure) return error;
  const { type, message } = failureOf(error);
  return ApplicationFailure.nonRetryable(message, type);
};

/** How a run fails whose record is kept: the record goes along. */
export const failedRun = (type: string, message: string, record: FlowRun): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: [record] });
