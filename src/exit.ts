// How a program ends on an error: one message for what its user can mend, the stack of everything else.
import { NamespaceNotFoundError } from '@temporalio/common';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { NoWorker } from './client/questions.js';
import { AnotherRunIsOn } from './client/runs.js';
import { NoConsent } from './credentials/consent.js';
import { KnownError } from './dataflow/failures.js';
import { AddressInUse } from './observability/monitoring-server.js';
import { InvalidSettings } from './settings.js';
import { StartError } from './start/start-error.js';
import { TemporalUnreachable } from './temporal.js';
import { NoReport } from './write-report.js';

const MENDABLE = [
  AnotherRunIsOn,
  InvalidSettings,
  KnownError,
  NoConsent,
  NoReport,
  NoWorker,
  TemporalUnreachable,
  AddressInUse,
  StartError,
];

/** Temporal's word on a request that it refuses: a namespace that it does not have, a key that it does not take. */
const temporalSays = (error: unknown): string | undefined => {
  if (error instanceof NamespaceNotFoundError)
    return `Temporal has no namespace ${JSON.stringify(error.namespace)}; TEMPORAL_NAMESPACE names the one to use.`;
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? `Temporal says: ${cause.details || cause.message}` : undefined;
};

/** Writes the error to standard error; the exit code will be 1. */
export const failWith = (error: unknown): void => {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const mendable = MENDABLE.some((kind) => error instanceof kind);
  process.stderr.write(`${mendable ? message : (temporalSays(error) ?? stack ?? message)}\n`);
  process.exitCode = 1;
};
