// What activities are given: the parts of the product, composed once in the worker.
import type { Client } from '@temporalio/client';
import type { Credentials } from '../credentials/credentials.js';
import type { ObjectType } from '../dataflow/object-types.js';
import type { CallKind, RunStatus } from '../dataflow/flow-run.js';
import type { CallOutcome, PinterestTransport } from '../pinterest/transport.js';
import type { Gates } from '../quota/permits/gates.js';
import type { QuotaLimit } from '../quota/limits.js';
import type { Store } from '../store/store.js';
import type { Targets } from '../targets/targets.js';

/** How a run waits for what a person may have to mend: a token, the network, a store that is held. */
export interface RecoveryPolicy {
  /** The first pause; doubles each time. */
  pauseMs: number;
  /** How long the run waits with nothing coming through. */
  patienceMs: number;
}

/** What is counted for those who watch the worker. */
export interface Metrics {
  apiCall(route: CallKind, outcome: CallOutcome): void;
  chunkLoaded(chunk: { dataflow: string; objectType: ObjectType; rows: number; rejectedRows: number }): void;
  runEnded(run: { dataflow: string; status: RunStatus }): void;
}

/** Structured: one object a line. Never given a token, nor what a response said. */
export interface Log {
  info(facts: Readonly<Record<string, string | number>>, message: string): void;
  warn(facts: Readonly<Record<string, string | number>>, message: string): void;
}

export interface Dependencies {
  store: Store;
  transport: PinterestTransport;
  credentials: Credentials;
  /** What specs may name as targets. */
  targets: Targets;
  quota: readonly QuotaLimit[];
  gates: Gates;
  metrics: Metrics;
  log: Log;
  /** Where a run's end is told; nobody is told if left out. */
  alerts?: { send(key: string, alert: unknown): Promise<void> };
  temporal: { client(namespace: string): Client };
  /** The server knows those of runs. */
  searchAttributes: boolean;
  /** Where answers are kept while they are loaded. */
  workFolder: string;
  /** How long to wait before a report is first looked at; later polls are spaced wider. */
  reportPollMs: number;
  /** The pause before a failed call is tried again; doubles each time. */
  retryPauseMs: number;
  /** For tests; the workflow's own if left out. */
  recovery?: RecoveryPolicy;
}
