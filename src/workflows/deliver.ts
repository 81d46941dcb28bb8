// Deliveries of a run: to each target the weeks that it lacks, the newest first, a few side by side. A target that is down or
// refuses holds back neither the others nor the run: what it lacks is due in the next one.
import { condition, workflowInfo } from '@temporalio/workflow';
import type { DeliveryOutcome, Moving } from '../activities/deliver/delivery.js';
import type { PlannedDelivery } from '../activities/deliver/plan-deliveries.js';
import type { Prepared } from '../activities/prepare-run.js';
import type { RunRef } from '../activities/run.js';
import { ruleOf } from '../dataflow/failures.js';
import { keepErrors, type DeliverySummary, type RunError } from '../dataflow/flow-run.js';
import { nothingDelivered } from '../dataflow/targets.js';
import type { WeekOfTable } from '../targets/due.js';
import { sendPartition, store, target } from './activities.js';
import { ask } from './ask.js';
import { endOfRun, failureOf, type Failure } from './failures.js';
import { startLanes } from './lanes.js';
import { note, tell, type RunState } from './run-state.js';
import { whileStoreIsLocked, type Waits } from './waiting.js';

/** Partitions of one target side by side: each has rows in a file, and an engine. */
const CONCURRENCY = 3;
/** As many looks at one that are refused say that it will not be told of. */
const REFUSED_LOOKS = 5;
/** As many that failed in a row say that it is not the partitions: the rest is left for the next run. */
const FAILURES_IN_A_ROW = 3;
const HOUR_MS = 3_600_000;
/** How long a target may ask a partition to wait in all, and how long nothing may arrive of what is on its way. */
const PATIENCE_MS = 4 * HOUR_MS;
const LONGEST_POLL_MS = 300_000;

export interface DeliveringRun {
  state: RunState;
  waits: Waits;
  /** Where a pause takes hold. */
  boundary: () => Promise<void>;
  /** Tells of what has changed. */
  show: () => void;
}

/**
 * False if the history has grown long: what is due is then left for the run's next execution.
 * @throws ApplicationFailure if the whole run cannot go on
 */
export const deliver = async (run: DeliveringRun): Promise<boolean> => {
  const { state } = run;
  const plans = await planned(run);
  const summaries = plans.map(
    (plan) =>
      state.totals.deliveries?.find((before) => before.target === plan.target) ??
      nothingDelivered(plan.target),
  );
  state.totals.deliveries = summaries;
  const ends = await Promise.allSettled(
    plans.map((plan, index) => new TargetDelivery(run, plan, index, summaries[index]!).execute()),
  );
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (workflowInfo().continueAsNewSuggested && summaries.some(isUnfinished)) return false;
  for (const summary of summaries) for (const error of shortfalls(summary)) note(state, error);
  return true;
};

const planned = ({ state, waits }: DeliveringRun): Promise<PlannedDelivery[]> =>
  whileStoreIsLocked(waits, () =>
    store().planDeliveries.executeWithOptions({ summary: 'what the targets lack' }, [
      { run: state.prepared!.run },
    ]),
  );

const isUnfinished = ({ partitions: { due, delivered, failed } }: DeliverySummary): boolean =>
  delivered + failed < due;

/** What the run's own errors say of a target; its summary has all of them. */
const shortfalls = ({ target, partitions, rows, failedRows, errors }: DeliverySummary): RunError[] => {
  const { due, failed } = partitions;
  const found: RunError[] = [];
  if (failed > 0) {
    const { code, message } = errors[0]!;
    const what = `${target}: ${failed} of ${due} weeks that were due were not delivered. ${message}. `;
    found.push({ code, message: `${what}The store has its rows; the next run delivers what is due.` });
  }
  if (failedRows > 0) {
    const message = `${target} did not take ${failedRows} of ${rows + failedRows} rows: rejected_rows has them, with reasons`;
    found.push({ code: 'RowsNotTaken', message });
  }
  return found;
};

class TargetDelivery {
  private queue: WeekOfTable[] = [];
  private readonly moving: Moving[] = [];
  /** Sent once more in this run, since the target knew nothing of them. */
  private readonly sentAgain = new Set<string>();
  private readonly refusedLooks = new Map<string, number>();
  private sending = true;
  private failuresInARow = 0;
  private fatal: unknown;

  constructor(
    private readonly run: DeliveringRun,
    plan: PlannedDelivery,
    /** The target's place in the spec. */
    private readonly index: number,
    private readonly summary: DeliverySummary,
  ) {
    this.take(plan);
  }

  private take({ due, more }: PlannedDelivery): void {
    const { run, summary } = this;
    const { partitions } = summary;
    // What failed in this run is not tried again in it.
    const failed = new Set(run.state.undelivered?.[summary.target]);
    this.queue = due.filter((partition) => !failed.has(keyOf(partition)));
    partitions.due = partitions.delivered + partitions.failed + this.queue.length;
    summary.errors = summary.errors.filter(({ code }) => code !== 'MoreDue');
    if (more > 0) {
      const message = `${more} older weeks of tables are due as well; the next run delivers them`;
      this.error({ code: 'MoreDue', message });
    }
  }

  private get prepared(): Prepared {
    return this.run.state.prepared!;
  }

  /** What the activities of a target are given. */
  private get input(): { run: RunRef; target: number } {
    return { run: this.prepared.run, target: this.index };
  }

  async execute(): Promise<void> {
    if (this.queue.length === 0) return;
    const { run, index, input, prepared, summary } = this;
    const setUp = await this.attempt(() =>
      ask(target().prepareTarget, `set-up of ${summary.target}`, input, prepared),
    );
    if ('failure' in setUp) this.giveUp(setUp.failure);
    else {
      for (const made of setUp.result.made) this.tellMade(made);
      if (setUp.result.empty) this.take((await planned(run))[index]!);
    }
    const lanes = startLanes({
      count: CONCURRENCY,
      goesOn: () => this.fatal === undefined && !workflowInfo().continueAsNewSuggested,
      boundary: () => this.run.boundary(),
      next: () => this.queue.shift(),
      work: (partition) => this.send(partition),
    });
    // However it ends, nothing of it is under way any more by then.
    const sent = Promise.allSettled(lanes).finally(() => {
      this.sending = false;
    });
    const [ends, following] = await Promise.all([sent, Promise.allSettled([this.follow()])]);
    for (const end of [...ends, ...following]) if (end.status === 'rejected') throw end.reason;
  }

  /** @param before what has become of an earlier delivery of it meanwhile */
  private async send(partition: WeekOfTable, before?: DeliveryOutcome): Promise<void> {
    const { run, input, prepared, summary } = this;
    const what = `${partition.table}, week of ${partition.week} → ${summary.target}`;
    const sent = await this.attempt(() => ask(sendPartition, what, { ...input, partition }, prepared));
    if ('failure' in sent) {
      const { code, message } = sent.failure;
      this.failed(partition, [{ code, message }]);
      if (++this.failuresInARow >= FAILURES_IN_A_ROW) this.giveUp(sent.failure);
    } else {
      this.failuresInARow = 0;
      const { result } = sent;
      if (result.state === 'moving') this.moving.push(result);
      else this.ended(partition, result.state === 'unchanged' ? (before ?? result) : result);
    }
    run.show();
  }

  /** Until nothing is on its way any more: asks after all of it at once, ever more rarely while nothing arrives. */
  private async follow(): Promise<void> {
    const { run, input, prepared, summary, moving } = this;
    const { reportPollMs, mending } = prepared;
    let pauseMs = reportPollMs;
    let sinceMs = Date.now();
    let trouble: RunError | undefined;
    for (;;) {
      await condition(() => moving.length > 0 || !this.sending);
      if (moving.length === 0) return;
      const asked = [...moving];
      const what = `${asked.length} ${asked.length === 1 ? 'delivery' : 'deliveries'} on the way into ${summary.target}`;
      await run.waits.wait(Date.now() + pauseMs, trouble ? `${what}; ${trouble.message}` : what);
      const followed = await this.attempt(() =>
        ask(target().followDeliveries, what, { ...input, moving: asked }, prepared),
      );
      let arrived = false;
      trouble = 'failure' in followed ? followed.failure : undefined;
      if ('result' in followed) {
        for (const [i, outcome] of followed.result.entries()) {
          const one = asked[i]!;
          if (outcome.state === 'moving' && !outcome.failure) continue;
          moving.splice(moving.indexOf(one), 1);
          if (outcome.state === 'moving') {
            trouble = outcome.failure;
            this.lookFailed(one, outcome.failure!);
          } else {
            arrived = true;
            await this.arrived(one, outcome);
          }
        }
      }
      run.show();
      if (arrived) sinceMs = Date.now();
      pauseMs = arrived ? reportPollMs : Math.min(pauseMs * 2, LONGEST_POLL_MS);
      if (Date.now() - sinceMs < (mending?.patienceMs ?? PATIENCE_MS)) continue;
      const why = trouble ?? {
        code: 'DeliveryPending',
        message: `${what}, and nothing arrived for long; the next run looks at it first`,
      };
      for (const partition of moving.splice(0)) this.failed(partition, [why]);
    }
  }

  /** What the store holds by now is sent once the batch before it has ended, and so is what got lost on its way, once. */
  private async arrived(one: Moving, outcome: DeliveryOutcome): Promise<void> {
    const isLost = outcome.state === 'unchanged';
    if (isLost && this.sentAgain.has(keyOf(one))) {
      const message = `${keyOf(one)}: ${this.summary.target} knows nothing of what it has taken, ${one.id}, and did not before`;
      this.failed(one, [{ code: 'DeliveryFailed', message }]);
    } else if (isLost || one.outdated) {
      if (isLost) this.sentAgain.add(keyOf(one));
      await this.send({ table: one.table, week: one.week }, isLost ? undefined : outcome);
    } else this.ended(one, outcome);
  }

  /** Those that can be looked at come first the next time. */
  private lookFailed(one: Moving, failure: RunError): void {
    const refused = (this.refusedLooks.get(one.id) ?? 0) + (failure.code === 'TargetRefused' ? 1 : 0);
    this.refusedLooks.set(one.id, refused);
    if (refused < REFUSED_LOOKS) this.moving.push(one);
    else this.failed(one, [failure]);
  }

  /** @throws ApplicationFailure if the whole run cannot go on */
  private async attempt<T>(work: () => Promise<T>): Promise<{ result: T } | { failure: Failure }> {
    const { waits } = this.run;
    const untilMs = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return { result: await whileStoreIsLocked(waits, work) };
      } catch (error) {
        let failure: Failure;
        try {
          failure = failureOf(error);
          if (ruleOf(failure.kind).fault === 'run') throw endOfRun(failure);
        } catch (fatal) {
          this.fatal ??= fatal;
          throw fatal;
        }
        const { retryAtMs, message } = failure;
        if (retryAtMs === undefined || retryAtMs > untilMs) return { failure };
        await waits.wait(retryAtMs, message);
      }
    }
  }

  private ended(partition: WeekOfTable, { state, rows, failedRows, errors }: DeliveryOutcome): void {
    const { summary } = this;
    summary.rows += rows;
    summary.failedRows += failedRows;
    if (state === 'failed') return this.failed(partition, errors);
    summary.partitions.delivered += 1;
    for (const error of errors) this.error(error);
  }

  private failed(partition: WeekOfTable, errors: readonly RunError[]): void {
    const { summary, run } = this;
    summary.partitions.failed += 1;
    const undelivered = (run.state.undelivered ??= {});
    (undelivered[summary.target] ??= []).push(keyOf(partition));
    for (const { code, message } of errors) this.error({ code, message });
  }

  private tellMade(made: string): void {
    tell(this.run.state, { code: 'TargetMade', message: `${this.summary.target}: ${made}` });
  }

  /** What has not begun is left for the next run. */
  private giveUp({ code, message }: Failure): void {
    this.error({ code, message });
    for (const partition of this.queue.splice(0)) this.failed(partition, []);
  }

  private error(error: RunError): void {
    this.summary.errors = keepErrors(this.summary.errors, [error]);
  }
}

const keyOf = ({ table, week }: WeekOfTable): string => `${table} ${week}`;
