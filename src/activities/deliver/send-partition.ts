// One partition to one target, from wherever an earlier attempt, or an earlier run, has left it.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { KnownError } from '../../dataflow/failures.js';
import type { DeliveredTable } from '../../store/partitions.js';
import { nextStep, type Step, type WeekOfTable } from '../../targets/due.js';
import type { Dependencies } from '../dependencies.js';
import { scheduledAtMs, type RunRef } from '../run.js';
import {
  PartitionDelivery,
  tableNamed,
  targetOf,
  UNCHANGED,
  type DeliveryOutcome,
  type Moving,
} from './delivery.js';

export interface SendInput {
  run: RunRef;
  /** The target's place in the spec. */
  target: number;
  partition: WeekOfTable;
}

export type SendOutcome = DeliveryOutcome | ({ state: 'moving' } & Moving);

/** Two attempts on each side of a crash are far fewer. */
const MOST_STEPS = 20;
/** The other side's clock may be behind ours by as much. */
const CLOCKS_APART_MS = 600_000;

export const sendPartition =
  (dependencies: Dependencies) =>
  async ({ run, target: index, partition }: SendInput): Promise<SendOutcome> => {
    const { target } = await targetOf(dependencies, run, index);
    const table = await tableNamed(dependencies, run, partition.table);
    const delivery = new PartitionDelivery(dependencies, run, target, table, partition.week);
    const sender = new Sender(dependencies, table, delivery);
    let outcome: SendOutcome = UNCHANGED;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const done = await sender.step();
      if (done === 'end') return outcome;
      if (done) outcome = done;
      if (outcome.state === 'moving' || outcome.state === 'failed') return outcome;
    }
    const { table: name, week } = partition;
    throw new KnownError('TargetUnavailable', `${target.name} comes to no end with ${name}, week of ${week}`);
  };

class Sender {
  constructor(
    private readonly dependencies: Dependencies,
    private readonly table: DeliveredTable,
    private readonly delivery: PartitionDelivery,
  ) {}

  /** Goes one step on; answers with what became of a delivery that it ended or left on its way. */
  async step(): Promise<SendOutcome | 'end' | null> {
    const { partitions } = this.dependencies.store;
    const { account, week } = this.delivery.key;
    const entry = await this.delivery.entry();
    const content = await partitions.content(account, this.table, week);
    const step = nextStep(content?.hash ?? null, entry);
    if (step.do === 'look') return this.goOn(step.id, entry!.pending!.hash);
    if (step.do === 'clean up') return this.cleanUp(step);
    if (step.do === 'remove') return this.remove(step);
    return step.do === 'send' ? this.send(step) : 'end';
  }

  /** What an earlier attempt began: followed if it moves, settled if it has ended, given up if nobody completed it. */
  private async goOn(id: string, hash: string): Promise<SendOutcome | null> {
    const { delivery, dependencies } = this;
    let look = await delivery.look(id);
    if (look.state === 'open') {
      await delivery.target.abandon(delivery.begun(id));
      // Completed in this moment by an attempt that was taken for dead, it is not given up.
      look = await delivery.look(id);
    }
    if (look.state === 'moving') return this.moving(id);
    if (look.state === 'open') {
      const { target, key } = delivery;
      const message = `${target.name} does not let go of ${id}: ${key.table}, week of ${key.week}`;
      throw new KnownError('TargetUnavailable', message);
    }
    if (look.state === 'failed') {
      // Of another attempt: it is sent again at once.
      await dependencies.store.deliveries.forget(delivery.key, id);
      return null;
    }
    return delivery.conclude(id, hash, look);
  }

  /** The answer to a beginning was lost, or its attempt died before it was noted: what nobody knows is given up. */
  private async cleanUp({ sinceMs }: Extract<Step, { do: 'clean up' }>): Promise<null> {
    const { target, key } = this.delivery;
    const { deliveries } = this.dependencies.store;
    const open = await target.openSince(sinceMs - CLOCKS_APART_MS, Context.current().cancellationSignal);
    // What another ad account's run begins in this very moment may be among them: its attempt fails, and begins anew.
    const known = await deliveries.ids(key.account.dataflow, target.name);
    for (const id of open) if (!known.has(id)) await target.abandon(this.delivery.begun(id));
    await deliveries.forget(key, null);
    return null;
  }

  private async remove({ id }: Extract<Step, { do: 'remove' }>): Promise<SendOutcome> {
    const { target, key } = this.delivery;
    await target.remove(this.delivery.begun(id));
    await this.dependencies.store.deliveries.remove(key, id, scheduledAtMs());
    return { ...UNCHANGED, state: 'delivered' };
  }

  /** Rows out of the store, then to the target; the ledger knows the id before the first byte leaves. */
  private async send({ replaces }: Extract<Step, { do: 'send' }>): Promise<SendOutcome | null> {
    const { delivery, table, dependencies } = this;
    const { key, target, partition } = delivery;
    const { deliveries, partitions } = dependencies.store;
    const folder = join(dependencies.workFolder, `delivery-${randomUUID()}`);
    const file = join(folder, 'rows.parquet');
    const workFolder = join(folder, 'work');
    await mkdir(workFolder, { recursive: true });
    try {
      const content = await partitions.write(key.account, table, key.week, file);
      if (!content) return null;
      const sinceMs = scheduledAtMs();
      await deliveries.intend(key, content.hash, sinceMs);
      const id = await target.begin(partition, replaces, Context.current().cancellationSignal);
      await deliveries.note(key, sinceMs, id);
      const begun = delivery.begun(id);
      await target.upload(begun, { columns: table.columns, file, rows: content.rows, workFolder });
      await this.complete(id);
      return (await delivery.conclude(id, content.hash, await delivery.look(id))) ?? this.moving(id);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** If the answer is lost, what the target knows is asked for: nothing is completed twice. */
  private async complete(id: string): Promise<void> {
    const { target } = this.delivery;
    try {
      await target.complete(this.delivery.begun(id));
    } catch (error) {
      const { state } = await this.delivery.look(id);
      if (state === 'open') throw error;
    }
  }

  private moving(id: string): SendOutcome {
    const { table, week } = this.delivery.key;
    return { state: 'moving', table, week, id };
  }
}
