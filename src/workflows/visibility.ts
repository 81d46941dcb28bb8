// What the list of workflows shows of a run: set only if the server knows the search attributes, since Temporal would fail
// each task that sets another.
import {
  ActivityFailure,
  ApplicationFailure,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { FailureDetails } from '../activities/interceptors/map-failures.js';
import type { RunStatus } from '../dataflow/flow-run.js';
import { adAccountAttribute, currentToAttribute, dataflowAttribute, runStatusAttribute } from './contract.js';

/** What a run runs, once; of several ad accounts, each one's own run names its own. */
export const showBegun = (dataflow: string, adAccountId?: string): void => {
  if (workflowInfo().typedSearchAttributes.get(dataflowAttribute) !== undefined) return;
  upsertSearchAttributes([
    { key: dataflowAttribute, value: dataflow },
    ...(adAccountId === undefined ? [] : [{ key: adAccountAttribute, value: adAccountId }]),
    { key: runStatusAttribute, value: 'running' },
  ]);
};

/** Of a success, everything that was wanted is current as of its start. */
export const showEnded = (status: RunStatus, startedAtMs: number): void =>
  upsertSearchAttributes([
    { key: runStatusAttribute, value: status },
    ...(status === 'success' ? [{ key: currentToAttribute, value: new Date(startedAtMs) }] : []),
  ]);

/** Whether the worker that failed a step says that the server knows the search attributes. */
const canShow = (error: unknown): boolean => {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const details = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  return (details as FailureDetails | undefined)?.searchAttributes === true;
};

/** What may be a name, if a wrong one; the list does without the rest. */
const SHOWN = /^[\x20-\x7e]{1,100}$/;

const word = (value: unknown): string | undefined =>
  typeof value === 'string' && SHOWN.test(value) ? value : undefined;

/** A run's first step: it checks the spec, and if it refuses that, nothing else says what the run was to be. */
export class FirstStep {
  private refusalShows = false;

  /** @param spec as a person wrote it */
  constructor(private readonly spec: unknown) {}

  /** The step's answer, or its failure. */
  async take<T>(step: Promise<T>): Promise<T> {
    try {
      return await step;
    } catch (error) {
      this.refusalShows = canShow(error);
      throw error;
    }
  }

  /** If the step was refused: under the names that the spec gives, whatever else is wrong with it. */
  showRefused(status: RunStatus): void {
    if (!this.refusalShows) return;
    const { name, connection } = (this.spec ?? {}) as {
      name?: unknown;
      connection?: { adAccountId?: unknown } | null;
    };
    const dataflow = word(name);
    const adAccount = word(connection?.adAccountId);
    upsertSearchAttributes([
      ...(dataflow === undefined ? [] : [{ key: dataflowAttribute, value: dataflow }]),
      ...(adAccount === undefined ? [] : [{ key: adAccountAttribute, value: adAccount }]),
      { key: runStatusAttribute, value: status },
    ]);
  }
}
