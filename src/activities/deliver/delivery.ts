// What the steps of a delivery share: its target, its line in the ledger, and what becomes of it once the target knows.
import { Context } from '@temporalio/activity';
import { KnownError, ruleOf } from '../../dataflow/failures.js';
import type { RunError } from '../../dataflow/flow-run.js';
import type { LedgerEntry, LedgerKey, RefusedRow } from '../../store/deliveries.js';
import type { DeliveredTable } from '../../store/partitions.js';
import type { WeekOfTable } from '../../targets/due.js';
import type { Begun, Look, Partition, Target } from '../../targets/target.js';
import type { Dependencies } from '../dependencies.js';
import { claimedSpec } from '../own-run.js';
import { scheduledAtMs, type RunRef } from '../run.js';

/** What became of a partition. */
export interface DeliveryOutcome {
  /** `unchanged`: there was nothing to do any more. */
  state: 'delivered' | 'failed' | 'unchanged';
  rows: number;
  failedRows: number;
  errors: RunError[];
}

/** On its way: known to the target, and what becomes of it is not known yet. */
export interface Moving extends WeekOfTable {
  id: string;
  /** Rows that were sent; left out if an earlier attempt sent them. */
  rows?: number;
  /** The store holds something else by now: once this has ended, that is due. */
  outdated?: boolean;
}

export const UNCHANGED: DeliveryOutcome = { state: 'unchanged', rows: 0, failedRows: 0, errors: [] };

/** So long a target may not know yet what was begun there: its lists come later than its answers. */
const UNKNOWN_FOR_MS = 120_000;
/** Rows that are kept of one delivery, and characters of one row. */
const REFUSED_KEPT = 1_000;
const LONGEST_RAW = 10_000;

/** A target of the run's spec, by its place there. */
export const targetOf = async (dependencies: Dependencies, run: RunRef, index: number) => {
  const spec = (await claimedSpec(dependencies, run)).targets[index]!;
  return { spec, target: dependencies.targets.open(spec) };
};

/** One partition's way to one target, as far as an attempt goes. */
export class PartitionDelivery {
  readonly key: LedgerKey;
  readonly partition: Partition;
  private readonly signal = Context.current().cancellationSignal;

  constructor(
    private readonly dependencies: Dependencies,
    run: RunRef,
    readonly target: Target,
    table: Pick<DeliveredTable, 'table' | 'dataset'>,
    week: string,
  ) {
    const { place: account, runId } = run;
    this.key = { account, runId, target: target.name, table: table.table, week };
    this.partition = { ...table, adAccountId: account.adAccountId, week };
  }

  begun(id: string): Begun {
    return { partition: this.partition, id, signal: this.signal };
  }

  entry(): Promise<LedgerEntry | undefined> {
    return this.dependencies.store.deliveries.entry(this.key);
  }

  /** @param sinceMs when it was begun */
  async look(id: string, sinceMs: number): Promise<Look> {
    const look = await this.target.look(this.begun(id));
    const isYoung = scheduledAtMs() - sinceMs < UNKNOWN_FOR_MS;
    return look.state === 'unknown' && isYoung ? { ...look, state: 'moving' } : look;
  }

  /** Gives up what the target knows nothing of, in case that it does after all. */
  async giveUp(id: string): Promise<void> {
    await this.target.abandon(this.begun(id));
    await this.dependencies.store.deliveries.forget(this.key, id);
  }

  /**
   * Notes in the ledger how a delivery has ended; null for one that has not.
   * @param sent rows that were sent, if that is known
   */
  async conclude(
    id: string,
    hash: string,
    look: Look,
    sent: number | undefined,
  ): Promise<DeliveryOutcome | null> {
    const { deliveries } = this.dependencies.store;
    const { state, failedRows } = look;
    if (state !== 'delivered' && state !== 'failed') return null;
    const errors = [...look.errors];
    const rows = look.rows ?? Math.max(0, (sent ?? 0) - failedRows);
    if (state === 'delivered' && sent !== undefined && rows + failedRows < sent) {
      const message = `${sent} rows were sent, and ${rows} are said to have arrived`;
      errors.push(this.about(id, { code: 'RowsMissing', message }));
    }
    const refused =
      failedRows > 0 || state === 'failed' ? await this.refusedRows(id, failedRows, errors) : [];
    const { dataset } = this.partition;
    const atMs = scheduledAtMs();
    if (state === 'delivered') {
      await deliveries.settle(this.key, dataset, { id, hash, rows, failedRows, atMs }, refused);
      return { state, rows, failedRows, errors };
    }
    await deliveries.fail(this.key, dataset, id, refused, atMs);
    if (errors.length === 0) errors.push({ code: 'DeliveryFailed', message: `it ended as ${look.status}` });
    return { state, rows: 0, failedRows, errors: errors.map((error) => this.about(id, error)) };
  }

  private about(id: string, { code, message }: RunError): RunError {
    return { code, message: `${this.key.table}, week of ${this.key.week}, ${id}: ${message}` };
  }

  /** The rows that were left out. That they cannot be told of holds nothing back. */
  private async refusedRows(id: string, failedRows: number, errors: RunError[]): Promise<RefusedRow[]> {
    const refused: RefusedRow[] = [];
    try {
      for await (const { raw, reason } of this.target.failedRows(this.begun(id))) {
        if (refused.length === REFUSED_KEPT) break;
        refused.push({ raw: raw.slice(0, LONGEST_RAW), reason });
      }
    } catch (error) {
      if (!(error instanceof KnownError) || ruleOf(error.kind).fault !== 'target') throw error;
      const { kind: code, message } = error;
      errors.push(
        this.about(id, { code, message: `the rows that were left out could not be fetched: ${message}` }),
      );
    }
    if (refused.length === REFUSED_KEPT && failedRows > REFUSED_KEPT) {
      const message = `${failedRows} rows were left out, and the first ${REFUSED_KEPT} are kept in rejected_rows`;
      errors.push(this.about(id, { code: 'MoreRefusedRows', message }));
    }
    return refused;
  }
}

/** A table that is delivered, as the store has it. */
export const tableNamed = async (
  { store }: Dependencies,
  { place }: RunRef,
  table: string,
): Promise<DeliveredTable> => {
  const found = (await store.partitions.tables(place.dataflow)).find((other) => other.table === table);
  if (found) return found;
  throw new KnownError(
    'TargetRefused',
    `The store has no table ${table}, which was delivered from before; start the dataflow as it was, or take its rows out of the target by hand`,
  );
};
