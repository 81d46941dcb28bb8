// Where a dataflow delivers to: what targets are called, and what is said of their deliveries in a run's record.
import { keepErrors, type DeliverySummary } from './flow-run.js';
import type { TargetKind, TargetSpec } from './spec.js';

/** `experience-platform prod/acme-ads`, `parquet acme`: in messages, records and the ledger of deliveries. The names stay. */
export const targetName = (target: TargetSpec): string =>
  target.kind === 'parquet'
    ? `${target.kind} ${target.path}`
    : `${target.kind} ${target.sandbox}/${target.dataset}`;

/** The variables that a worker's environment lacks, by the kind of target that needs them. */
export type MissingVariables = Readonly<Record<TargetKind, readonly string[]>>;

export const nothingDelivered = (target: string): DeliverySummary => ({
  target,
  partitions: { due: 0, delivered: 0, failed: 0 },
  rows: 0,
  failedRows: 0,
  errors: [],
});

/** Of several ad accounts: target by target. */
export const addDeliveries = (
  sums: readonly DeliverySummary[],
  more: readonly DeliverySummary[],
): DeliverySummary[] => {
  const added = new Map(sums.map((delivery) => [delivery.target, delivery]));
  for (const delivery of more) {
    const { partitions, rows, failedRows, errors } =
      added.get(delivery.target) ?? nothingDelivered(delivery.target);
    added.set(delivery.target, {
      target: delivery.target,
      partitions: {
        due: partitions.due + delivery.partitions.due,
        delivered: partitions.delivered + delivery.partitions.delivered,
        failed: partitions.failed + delivery.partitions.failed,
      },
      rows: rows + delivery.rows,
      failedRows: failedRows + delivery.failedRows,
      errors: keepErrors(errors, delivery.errors),
    });
  }
  return [...added.values()];
};
