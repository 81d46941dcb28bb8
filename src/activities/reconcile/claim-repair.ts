// Cells are read again under the dataflow's claim, as a run does it: one at a time, with the spec of its last run.
import type { Dependencies } from '../dependencies.js';
import { mustBeRun, thisWorkflow } from '../own-run.js';
import { claimDataflow, type Prepared } from '../prepare-run.js';
import { scheduledAtMs } from '../run.js';
import type { Compared } from './compared.js';

export interface ClaimRepairInput {
  compared: Compared;
  /** The id of the workflow's first execution. */
  runId: string;
}

export const claimRepair =
  (dependencies: Dependencies) =>
  async ({ compared, runId }: ClaimRepairInput): Promise<Prepared> => {
    await mustBeRun(dependencies, runId);
    const { account, credential, window } = compared;
    const { namespace, workflowId } = thisWorkflow();
    const now = scheduledAtMs();
    const { spec } = (await dependencies.store.claims.of(account))!;
    const claim = { namespace, workflowId, runId, claimedAtMs: now, spec, open: true };
    const holder = await claimDataflow(dependencies, account, claim);
    return {
      run: { place: account, credential, startedAtMs: now, runId, repair: window },
      window,
      errorThresholdPercent: spec.errorThresholdPercent,
      onDemand: true,
      reportPollMs: dependencies.reportPollMs,
      quota: dependencies.quota,
      patient: true,
      ...(dependencies.recovery && { mending: dependencies.recovery }),
      ...(holder.runId === runId ? {} : { heldBy: holder.workflowId }),
    };
  };
