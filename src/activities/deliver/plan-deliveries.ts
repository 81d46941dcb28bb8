// What is due: the content of every week of every table, as the store has it, against what each target was given last.
import { targetName } from '../../dataflow/targets.js';
import { contentFor, due, type WeekOfTable } from '../../targets/due.js';
import type { Dependencies } from '../dependencies.js';
import { claimedSpec } from '../own-run.js';
import type { RunRef } from '../run.js';

export interface PlannedDelivery {
  target: string;
  /** At most so many that they travel easily, the newest first. */
  due: WeekOfTable[];
  /** Weeks of tables that are due beyond those. */
  more: number;
}

/** Twenty years of three tables in one go; the next run goes on. */
const DUE_AT_A_TIME = 3_000;

/** One answer a target, in the order of the spec. */
export const planDeliveries =
  (dependencies: Dependencies) =>
  async ({ run }: { run: RunRef }): Promise<PlannedDelivery[]> => {
    const { partitions, deliveries } = dependencies.store;
    const spec = await claimedSpec(dependencies, run);
    const contents = await partitions.contents(run.place);
    const plans: PlannedDelivery[] = [];
    for (const targetSpec of spec.targets) {
      const target = targetName(targetSpec);
      const held = contents.map((content) => contentFor(targetSpec, content));
      const weeks = due(held, await deliveries.entries(run.place, target));
      const now = weeks.slice(0, DUE_AT_A_TIME);
      plans.push({ target, due: now, more: weeks.length - now.length });
    }
    return plans;
  };
