// One partition to one target, from wherever an earlier attempt, or an earlier run, has left it.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { KnownError } from '../../dataflow/failures.js';
import type { TargetSpec } from '../../dataflow/spec.js';
import type { DeliveredTable, PartitionContent } from '../../store/partitions.js';
import { contentFor, nextStep, type WeekOfTable } from '../../targets/due.js';
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
    const { spec, target } = await targetOf(dependencies, run, index);
    const table = await tableNamed(dependencies, run, partition.table);
    const delivery = new PartitionDelivery(dependencies, run, target, table, partition.week);
    const folder = join(dependencies.workFolder, `delivery-${randomUUID()}`);
    const sender = new Sender(dependencies, spec, table, delivery, folder);
    let outcome: SendOutcome = UNCHANGED;
    try {
      for (let steps = 0; steps < MOST_STEPS; steps++) {
        const { done, ...step } = await sender.step();
        outcome = step.outcome ?? outcome;
        if (done) return outcome;
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    const { table: name, week } = partition;
    throw new KnownError('TargetUnavailable', `${target.name} comes to no end with ${name}, week of ${week}`);
  };

/** What a step came to: perhaps what became of a delivery, and whether that is all there is to do now. */
interface Stepped {
  done: boolean;
  outcome?: SendOutcome;
}

class Sender {
  constructor(
    private readonly dependencies: Dependencies,
    private readonly spec: TargetSpec,
    private readonly table: DeliveredTable,
    private readonly delivery: PartitionDelivery,
    /** Of this attempt's own; not there yet. */
    private readonly folder: string,
  ) {}

  async step(): Promise<Stepped> {
    const entry = await this.delivery.entry();
    if (entry?.pending) {
      const { id, hash, sinceMs } = entry.pending;
      return id === null ? this.cleanUp(sinceMs) : this.goOn(id, hash, sinceMs);
    }
    const content = await this.stage();
    const step = nextStep(content?.hash ?? null, entry?.delivered ?? null);
    if (step.do === 'remove') return this.remove(step.id);
    return step.do === 'send' ? this.send(content!, step.replaces) : { done: true };
  }

  /** Rows out of the store, into a file; null if there are none. */
  private async stage(): Promise<PartitionContent | null> {
    const { account, week } = this.delivery.key;
    await mkdir(this.workFolder, { recursive: true });
    const content = await this.dependencies.store.partitions.write(account, this.table, week, this.file);
    return content && contentFor(this.spec, content);
  }

  /** What an earlier attempt began: followed if it moves, settled if it has ended, given up if nobody completed it. */
  private async goOn(id: string, hash: string, sinceMs: number): Promise<Stepped> {
    const { delivery, dependencies } = this;
    let look = await delivery.look(id, sinceMs);
    if (look.state === 'open') {
      await delivery.target.abandon(delivery.begun(id));
      // Completed in this moment by an attempt that was taken for dead, it is not given up.
      look = await delivery.target.look(delivery.begun(id));
    }
    if (look.state === 'moving') {
      const outdated = (await this.stage())?.hash !== hash;
      return this.moving({ id, ...(outdated && { outdated }) });
    }
    if (look.state === 'unknown') {
      await delivery.giveUp(id);
      return { done: false };
    }
    if (look.state === 'open') {
      const { target, key } = delivery;
      const message = `${target.name} does not let go of ${id}: ${key.table}, week of ${key.week}`;
      throw new KnownError('TargetUnavailable', message);
    }
    if (look.state === 'failed') {
      // Of another attempt: it is sent again at once.
      await dependencies.store.deliveries.forget(delivery.key, id);
      return { done: false };
    }
    return { done: false, outcome: (await delivery.conclude(id, hash, look, undefined))! };
  }

  /** The answer to a beginning was lost, or its attempt died before it was noted: what nobody knows is given up. */
  private async cleanUp(sinceMs: number): Promise<Stepped> {
    const { target, key } = this.delivery;
    const { deliveries } = this.dependencies.store;
    const open = await target.openSince(sinceMs - CLOCKS_APART_MS, Context.current().cancellationSignal);
    // What another ad account's run begins in this very moment may be among them: its attempt fails, and begins anew.
    const known = await deliveries.ids(key.account.dataflow, target.name);
    for (const id of open) if (!known.has(id)) await target.abandon(this.delivery.begun(id));
    await deliveries.forget(key, null);
    return { done: false };
  }

  private async remove(id: string): Promise<Stepped> {
    const { target, key } = this.delivery;
    const { deliveries } = this.dependencies.store;
    await deliveries.intendRemoval(key, id);
    await target.remove(this.delivery.begun(id));
    await deliveries.remove(key, id, scheduledAtMs());
    return { done: false, outcome: { ...UNCHANGED, state: 'delivered' } };
  }

  /** The ledger knows the id before the first byte leaves. */
  private async send({ hash, rows }: PartitionContent, replaces: string | null): Promise<Stepped> {
    const { delivery, table, file, workFolder } = this;
    const { key, target, partition } = delivery;
    const { deliveries } = this.dependencies.store;
    const sinceMs = scheduledAtMs();
    await deliveries.intend(key, hash, sinceMs);
    const id = await target.begin(partition, replaces, Context.current().cancellationSignal);
    await deliveries.note(key, sinceMs, id);
    await target.upload(delivery.begun(id), { columns: table.columns, file, rows, workFolder });
    await this.complete(id, sinceMs);
    const outcome = await delivery.conclude(id, hash, await delivery.look(id, sinceMs), rows);
    return outcome ? { done: true, outcome } : this.moving({ id, rows });
  }

  /** If the answer is lost, what the target knows is asked for: nothing is completed twice. */
  private async complete(id: string, sinceMs: number): Promise<void> {
    const { target } = this.delivery;
    try {
      await target.complete(this.delivery.begun(id));
    } catch (error) {
      const { state } = await this.delivery.look(id, sinceMs);
      if (state === 'open') throw error;
    }
  }

  private moving(facts: Omit<Moving, 'table' | 'week'>): Stepped {
    const { table, week } = this.delivery.key;
    return { done: true, outcome: { state: 'moving', table, week, ...facts } };
  }

  private get file(): string {
    return join(this.folder, 'rows.parquet');
  }

  private get workFolder(): string {
    return join(this.folder, 'work');
  }
}
