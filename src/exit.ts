// How a program ends on an error: one message for what its user can mend, the stack of everything else.
import { NoWorker } from './client/questions.js';
import { NoConsent } from './credentials/consent.js';
import { KnownError } from './dataflow/failures.js';
import { AddressInUse } from './observability/monitoring-server.js';
import { InvalidSettings } from './settings.js';
import { StartError } from './start/start-error.js';
import { TemporalUnreachable } from './temporal.js';
import { NoReport } from './write-report.js';

const MENDABLE = [
  InvalidSettings,
  KnownError,
  NoConsent,
  NoReport,
  NoWorker,
  TemporalUnreachable,
  AddressInUse,
  StartError,
];

/** Writes the error to standard error; the exit code will be 1. */
export const failWith = (error: unknown): void => {
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  const mendable = MENDABLE.some((kind) => error instanceof kind);
  process.stderr.write(`${mendable ? message : (stack ?? message)}\n`);
  process.exitCode = 1;
};
