// A dry run: what a spec would cost, spending nothing but the catalogue.
import { isCancellation, sleep, workflowInfo } from '@temporalio/workflow';
import type { DryRun } from '../activities/dry-run.js';
import { namesSeveral, narrowed } from './accounts.js';
import { pinterest } from './activities.js';
import { asApplicationFailure, failureOf } from './failures.js';

/** Does it again for as long as the quota says to come back later. */
const whenQuotaAllows = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const { retryAtMs, message } = failureOf(error);
      if (retryAtMs === undefined) throw asApplicationFailure(error);
      await sleep(Math.max(retryAtMs - Date.now(), 1_000), { summary: message.slice(0, 200) });
    }
  }
};

const planOne = (spec: unknown, summary = 'read the catalogue, plan'): Promise<DryRun> => {
  const startedAtMs = workflowInfo().startTime.getTime();
  return whenQuotaAllows(() => pinterest.dryRun.executeWithOptions({ summary }, [{ spec, startedAtMs }]));
};

/** @param spec the dataflow spec, as a person wrote it */
export async function planDataflow(spec: unknown): Promise<DryRun> {
  if (!namesSeveral(spec)) return planOne(spec);
  const { adAccountIds, apiCalls } = await whenQuotaAllows(() =>
    pinterest.listAccounts.executeWithOptions({ summary: 'check the spec, list the ad accounts' }, [
      { spec },
    ]),
  );
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
  const { other, total } = sum.apiCalls;
  const listed = { other: other + apiCalls.other, total: total + apiCalls.total };
  return { ...sum, apiCalls: { ...sum.apiCalls, ...listed }, errors };
}

const added = (a: DryRun, b: DryRun): DryRun => ({
  window: b.window,
  chunks: [...a.chunks, ...b.chunks],
  apiCalls: {
    analytics: a.apiCalls.analytics + b.apiCalls.analytics,
    reports: a.apiCalls.reports + b.apiCalls.reports,
    catalogue: a.apiCalls.catalogue + b.apiCalls.catalogue,
    other: a.apiCalls.other + b.apiCalls.other,
    total: a.apiCalls.total + b.apiCalls.total,
  },
  rows: a.rows + b.rows,
  daysAtQuota: a.daysAtQuota + b.daysAtQuota,
});
