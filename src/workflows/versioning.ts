// Dataflows under Worker Versioning: a run ends on the version that it began on, unless its history grows long.
import { makeContinueAsNewFunc, setWorkflowOptions, workflowInfo } from '@temporalio/workflow';
import type { AccountsState } from './accounts-state.js';
import type { Dataflow } from './contract.js';
import type { RunState } from './run-state.js';

/** Whether the run began on a versioned worker; from another one Temporal takes no such option, it fails the task. */
const isVersioned = (): boolean => Boolean(workflowInfo().currentDeploymentVersion?.deploymentName);

/** Keeps the runs of a workflow on their versions. One that began without versioning moves on with every deploy. */
export const pinned = (workflow: (input: never) => Promise<unknown>): void =>
  setWorkflowOptions(() => (isVersioned() ? { versioningBehavior: 'PINNED' } : {}), workflow);

/** A dataflow's first argument is what a person started it with, in each of its executions. */
type Continued = (spec: unknown, state: RunState | AccountsState) => ReturnType<Dataflow>;

/** The next execution takes up the newest version, if there are versions: nothing is replayed, only `state` is carried. */
export const continueDataflow = (spec: unknown, state: RunState | AccountsState): Promise<never> =>
  makeContinueAsNewFunc<Continued>({ initialVersioningBehavior: 'AUTO_UPGRADE' })(spec, state);
