// What is known of dataflows: their schedules and runs from Temporal, the rest from the store, which a worker reads.
import type { Client } from '@temporalio/client';
import type { DataflowCoverage, ListedDataflow } from '../activities/describe-dataflow.js';
import { didYouMean } from '../dataflow/did-you-mean.js';
import { KnownError } from '../dataflow/failures.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import {
  DESCRIBE_DATAFLOW,
  LIST_DATAFLOWS,
  type DescribeDataflow,
  type ListDataflows,
} from '../workflows/contract.js';
import { openByDataflow, openOf } from './open-runs.js';
import { ask } from './questions.js';
import type { DataflowSchedule, Schedules } from './schedules.js';

export interface DataflowStatus {
  name: string;
  /** Its schedule's, as it was given; without one, that of its last run, with every default. */
  spec: unknown;
  /** Null if it has none. */
  schedule: DataflowSchedule | null;
  /** The workflow id of the run that is on. */
  running: string | null;
  /** The record of the run that ended last; of several ad accounts, of one of them. */
  lastRun: FlowRun | null;
  coverage: DataflowCoverage[];
}

export interface DataflowSummary extends ListedDataflow {
  schedule: DataflowSchedule | null;
  running: string | null;
}

/** Neither a schedule nor the store knows it. */
export const unknownDataflow = (name: string, names: readonly string[]): KnownError =>
  new KnownError(
    'InvalidSpec',
    `There is no dataflow ${JSON.stringify(name)}: neither a schedule nor the store knows one.${didYouMean(name, names)}`,
  );

/** A plan was made of it, and no run and no schedule: nobody has its spec. */
export const withoutSpec = (name: string): KnownError =>
  new KnownError(
    'InvalidSpec',
    `The dataflow ${JSON.stringify(name)} has neither run nor a schedule, so that nothing says what it reads: start it, or create its schedule, with its spec.`,
  );

const byName = (one: string, other: string): number => (one < other ? -1 : 1);

export const listAll = async (client: Client, schedules: Schedules): Promise<DataflowSummary[]> => {
  const scheduled = await schedules.all();
  const held = new Map(
    (await ask<ListDataflows>(client, LIST_DATAFLOWS, [])).map((listed) => [listed.name, listed]),
  );
  const open = await openByDataflow(client);
  const names = new Set([...scheduled.keys(), ...held.keys()]);
  return [...names].sort(byName).map((name) => ({
    name,
    schedule: scheduled.get(name) ?? null,
    running: open.get(name)?.[0] ?? null,
    lastRun: held.get(name)?.lastRun ?? null,
  }));
};

/** @throws KnownError if nothing is known of it */
export const statusOf = async (
  client: Client,
  schedules: Schedules,
  name: string,
): Promise<DataflowStatus> => {
  const scheduled = await schedules.of(name);
  const described = await ask<DescribeDataflow>(client, DESCRIBE_DATAFLOW, [name, scheduled?.spec]);
  const ids = [name, ...(scheduled?.running ?? []), ...(described?.claimedBy ?? [])];
  const [running = null] = await openOf(client, ids);
  if (!scheduled && !described && running === null) {
    const known = (await listAll(client, schedules)).map((summary) => summary.name);
    throw unknownDataflow(name, known);
  }
  return {
    name,
    spec: scheduled?.spec ?? described?.spec ?? null,
    schedule: scheduled?.schedule ?? null,
    running,
    lastRun: described?.lastRun ?? null,
    coverage: described?.coverage ?? [],
  };
};
