// Deliveries that are on their way: how each of them stands, and into the ledger with those that have ended.
import { KnownError, ruleOf } from '../../dataflow/failures.js';
import type { RunError } from '../../dataflow/flow-run.js';
import type { DeliveredTable } from '../../store/partitions.js';
import type { Dependencies } from '../dependencies.js';
import type { RunRef } from '../run.js';
import { PartitionDelivery, targetOf, UNCHANGED, type DeliveryOutcome, type Moving } from './delivery.js';

export interface FollowInput {
  run: RunRef;
  target: number;
  moving: readonly Moving[];
}

/** In the order of the input. `unchanged`: the target knows nothing of it. `failure`: why it could not be looked at. */
export type Followed = DeliveryOutcome | { state: 'moving'; status: string; failure?: RunError };

/** As many in a row that cannot be looked at say that none can now. */
const FAILURES_IN_A_ROW = 3;

const settledBefore = async (delivery: PartitionDelivery, id: string): Promise<DeliveryOutcome> => {
  const before = (await delivery.entry())?.delivered;
  if (before?.id === id) {
    const { rows, failedRows } = before;
    return { state: 'delivered', rows, failedRows, errors: [] };
  }
  const { table, week } = delivery.key;
  const message = `${table}, week of ${week}, ${id}: it failed; rejected_rows has the rows that were refused`;
  return { state: 'failed', rows: 0, failedRows: 0, errors: [{ code: 'DeliveryFailed', message }] };
};

const isOfOne = (error: unknown): error is KnownError =>
  error instanceof KnownError && ruleOf(error.kind).fault === 'target' && error.kind !== 'TargetThrottled';

export const followDeliveries =
  (dependencies: Dependencies) =>
  async ({ run, target: index, moving }: FollowInput): Promise<Followed[]> => {
    const { target } = await targetOf(dependencies, run, index);
    const tables = await dependencies.store.partitions.tables(run.place.dataflow);
    const follow = async ({ table, week, id, rows }: Moving): Promise<Followed> => {
      const at = tables.find((other): other is DeliveredTable => other.table === table)!;
      const delivery = new PartitionDelivery(dependencies, run, target, at, week);
      const pending = (await delivery.entry())?.pending;
      // An attempt before this one may have settled it, and not have come to say so.
      if (pending?.id !== id) return settledBefore(delivery, id);
      const look = await delivery.look(id, pending.sinceMs);
      if (look.state === 'unknown') {
        await delivery.giveUp(id);
        return UNCHANGED;
      }
      const outcome = await delivery.conclude(id, pending.hash, look, rows);
      return outcome ?? { state: 'moving', status: look.status };
    };
    const followed: Followed[] = [];
    let failures = 0;
    for (const one of moving) {
      if (failures >= FAILURES_IN_A_ROW) {
        followed.push({ state: 'moving', status: 'not asked' });
        continue;
      }
      try {
        followed.push(await follow(one));
        failures = 0;
      } catch (error) {
        // One that cannot be looked at holds the others back no longer.
        if (!isOfOne(error)) throw error;
        failures += 1;
        const { kind: code, message } = error;
        followed.push({ state: 'moving', status: 'not known', failure: { code, message } });
      }
    }
    return followed;
  };
