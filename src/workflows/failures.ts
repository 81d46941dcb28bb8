// What a failed activity tells the workflow: its kind, its words, when to come back, what it has spent.
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { FailureDetails, TooEarly } from '../activities/interceptors/map-failures.js';
import { kindOf, type FailureKind } from '../dataflow/failures.js';
import { noCalls, type ApiCalls, type FlowRun } from '../dataflow/flow-run.js';

export interface Failure {
  kind: FailureKind;
  /** For records and as the workflow's own type: the kind, or what another version calls a kind unknown to this one. */
  code: string;
  message: string;
  retryAtMs: number | undefined;
  askAgainAtMs: number | undefined;
  unreachable: boolean;
  /** What Pinterest said as it refused. */
  said: string | undefined;
  apiCalls: ApiCalls;
  /** Failed calls among them that were not asked again. */
  toRetry: number;
}

/** The quota, Pinterest or a target says when to come back. */
export type Refusal = Failure & { retryAtMs: number };

export const isRefusal = (failure: Failure): failure is Refusal => failure.retryAtMs !== undefined;

/** A step came too early; its answer says when to come back. */
export class CameTooEarly extends Error {
  constructor(readonly told: TooEarly['tooEarly']) {
    super(told.message);
  }
}

/** @throws what is a cancellation, or no activity's failure */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof CameTooEarly) {
    const { kind, message, details } = error.told;
    return { ...toldBy(details), kind: kindOf(kind), code: kind, message };
  }
  if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
  const { cause } = error;
  if (cause instanceof TimeoutFailure) {
    return { ...toldBy(undefined), kind: 'Timeout', code: 'Timeout', message: cause.message };
  }
  if (!(cause instanceof ApplicationFailure)) throw error;
  const { type, message, details } = cause;
  const told = toldBy(details?.[0] as FailureDetails | undefined);
  return { ...told, kind: kindOf(type), code: type ?? 'Error', message };
};

const toldBy = (details: FailureDetails | undefined): Omit<Failure, 'kind' | 'code' | 'message'> => ({
  retryAtMs: details?.retryAtMs,
  askAgainAtMs: details?.askAgainAtMs,
  unreachable: details?.unreachable ?? false,
  said: details?.said,
  apiCalls: details?.apiCalls ?? noCalls(),
  toRetry: details?.toRetry ?? 0,
});

/** What a cancelled activity had spent. */
export const spentBy = (error: unknown): ApiCalls => {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const details =
    cause instanceof CancelledFailure ? (cause.details?.[0] as FailureDetails | undefined) : undefined;
  return details?.apiCalls ?? noCalls();
};

/** How a run ends that a failure leaves no way to go on. */
export const endOfRun = ({ code, message }: Failure): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code);

/** An activity's failure as the workflow's own, so that its type and words stand on top. Other errors pass through. */
export const asApplicationFailure = (error: unknown): ApplicationFailure => {
  if (error instanceof ApplicationFailure) return error;
  return endOfRun(failureOf(error));
};

/** How a run fails after its record was written: the record goes along. */
export const failedRun = (type: string, message: string, record: FlowRun): ApplicationFailure =>
  ApplicationFailure.create({ type, message, nonRetryable: true, details: [record] });
