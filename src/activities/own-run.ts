// Whose step an activity is. What it is given says so too, but anybody who has a worker may ask for a step with anything.
import { Context } from '@temporalio/activity';
import { KnownError } from '../dataflow/failures.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import type { Claim } from '../store/claims.js';
import type { Dependencies } from './dependencies.js';
import type { RunRef } from './run.js';

/** The workflow that this activity is a step of, as Temporal says; without one, no activity runs (`only-in-workflows`). */
export const thisWorkflow = (): { namespace: string; workflowId: string; runId: string } => {
  const { namespace, workflowExecution } = Context.current().info;
  return { namespace, ...workflowExecution! };
};

/**
 * A run is called after its workflow's first execution, which each execution that continues it knows by itself.
 * @throws KnownError if Temporal says that this workflow is another run
 */
export const mustBeRun = async (
  { temporal }: Pick<Dependencies, 'temporal'>,
  runId: string,
): Promise<void> => {
  const { namespace, workflowId, runId: execution } = thisWorkflow();
  const { raw } = await temporal.client(namespace).workflow.getHandle(workflowId, execution).describe();
  const first = raw.workflowExecutionInfo?.firstRunId;
  // Older servers do not say.
  if (!first || first === runId) return;
  const message = `The workflow ${workflowId} is the run ${first}, not ${runId}: nothing is done in the name of another run.`;
  throw new KnownError('ClaimLost', message);
};

/** Whether the claim is this workflow's, for this run; an open one, or one that it has given back. */
export const isOwn = (claim: Claim | undefined, { runId }: RunRef): claim is Claim => {
  const { namespace, workflowId } = thisWorkflow();
  return claim?.runId === runId && claim.workflowId === workflowId && claim.namespace === namespace;
};

export const claimLost = (claim: Claim | undefined, { place }: RunRef): KnownError => {
  const holder = claim?.open ? claim.workflowId : 'nobody';
  return new KnownError(
    'ClaimLost',
    `Dataflow ${place.dataflow} of ad account ${place.adAccountId} is claimed by ${holder} now; this run ends.`,
  );
};

/**
 * The spec that the run's claim holds.
 * @throws KnownError if another run has claimed the dataflow
 */
export const claimedSpec = async ({ store }: Dependencies, run: RunRef): Promise<DataflowSpec> => {
  const claim = await store.claims.of(run.place);
  if (claim?.open && isOwn(claim, run))
    return run.repair ? { ...claim.spec, window: run.repair, repairs: true } : claim.spec;
  throw claimLost(claim, run);
};

/** The record that the run has left. */
export const ownRecord = ({ store }: Dependencies, run: RunRef): Promise<FlowRun | undefined> =>
  store.runs.of(run.place, thisWorkflow().workflowId, run.runId);
