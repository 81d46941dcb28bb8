// A dry run: what a spec would cost, spending nothing but the catalogue.
import { isCancellation, workflowInfo } from '@temporalio/workflow';
import type { DryRun } from '../activities/dry-run.js';
import { addCalls } from '../dataflow/flow-run.js';
import { listAccounts, namesSeveral, narrowed } from './accounts.js';
import { questions } from './activities.js';
import { ask } from './ask.js';
import type { PlanDataflow } from './contract.js';
import { asApplicationFailure } from './failures.js';
import { whenAllowed } from './waiting.js';
import { pinned } from './versioning.js';

const planOne = (spec: unknown, summary = 'read the catalogue, plan'): Promise<DryRun> => {
  const startedAtMs = workflowInfo().startTime.getTime();
  return whenAllowed(() => ask(questions().dryRun, summary, { spec, startedAtMs }));
};

/** @param spec the dataflow spec, as a person wrote it */
export async function planDataflow(spec: unknown): Promise<DryRun> {
  if (!namesSeveral(spec)) return planOne(spec);
  const { adAccountIds, apiCalls } = await whenAllowed(() => listAccounts(spec));
  let sum: DryRun | undefined;
  let failure: unknown;
  const errors: DryRun['errors'] = [];
  for (const adAccountId of adAccountIds) {
    try {
      const plan = await planOne(narrowed(spec, adAccountId), `ad account ${adAccountId}: catalogue, plan`);
      const chunks = plan.chunks.map((chunk) => ({ adAccountId, ...chunk }));
      sum = sum ? added(sum, { ...plan, chunks }) : { ...plan, chunks };
    } catch (error) {
      if (isCancellation(error)) throw error;
      failure = error;
      const { type, message } = asApplicationFailure(error);
      errors.push({ code: type ?? 'Error', message: `ad account ${adAccountId}: ${message}` });
    }
  }
  if (!sum) throw failure;
  return { ...sum, apiCalls: addCalls<DryRun['apiCalls']>(sum.apiCalls, apiCalls), errors };
}

pinned(planDataflow satisfies PlanDataflow);

const added = (a: DryRun, b: DryRun): DryRun => ({
  window: b.window,
  chunks: [...a.chunks, ...b.chunks],
  apiCalls: addCalls(a.apiCalls, b.apiCalls),
  rows: a.rows + b.rows,
  daysAtQuota: a.daysAtQuota + b.daysAtQuota,
  ...((a.notices ?? b.notices) && { notices: [...(a.notices ?? []), ...(b.notices ?? [])] }),
});
