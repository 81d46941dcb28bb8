// Deliveries that are on their way: how each of them stands, and into the ledger with those that have ended.
import type { DeliveredTable } from '../../store/partitions.js';
import type { Dependencies } from '../dependencies.js';
import type { RunRef } from '../run.js';
import { PartitionDelivery, targetOf, type DeliveryOutcome, type Moving } from './delivery.js';

export interface FollowInput {
  run: RunRef;
  target: number;
  moving: readonly Moving[];
}

/** In the order of the input. */
export type Followed = DeliveryOutcome | { state: 'moving'; status: string };

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

export const followDeliveries =
  (dependencies: Dependencies) =>
  async ({ run, target: index, moving }: FollowInput): Promise<Followed[]> => {
    const { target } = await targetOf(dependencies, run, index);
    const tables = await dependencies.store.partitions.tables(run.place.dataflow);
    const followed: Followed[] = [];
    for (const { table, week, id } of moving) {
      const at = tables.find((other): other is DeliveredTable => other.table === table)!;
      const delivery = new PartitionDelivery(dependencies, run, target, at, week);
      const pending = (await delivery.entry())?.pending;
      // An attempt before this one may have settled it, and not have come to say so.
      if (pending?.id !== id) followed.push(await settledBefore(delivery, id));
      else {
        const look = await delivery.look(id);
        const outcome = await delivery.conclude(id, pending.hash, look);
        followed.push(outcome ?? { state: 'moving', status: look.status });
      }
    }
    return followed;
  };
