// A dry run: what a spec would cost, spending nothing but the catalogue.
import { sleep, workflowInfo } from '@temporalio/workflow';
import type { DryRun } from '../activities/dry-run.js';
import { pinterest } from './activities.js';
import { asApplicationFailure, failureOf } from './failures.js';

/** @param spec the dataflow spec, as a person wrote it */
export async function planDataflow(spec: unknown): Promise<DryRun> {
  const startedAtMs = workflowInfo().startTime.getTime();
  for (;;) {
    try {
      return await pinterest.dryRun.executeWithOptions({ summary: 'read the catalogue, plan' }, [
        { spec, startedAtMs },
      ]);
    } catch (error) {
      const { retryAtMs, message } = failureOf(error);
      if (retryAtMs === undefined) throw asApplicationFailure(error);
      await sleep(Math.max(retryAtMs - Date.now(), 1_000), { summary: message.slice(0, 200) });
    }
  }
}
