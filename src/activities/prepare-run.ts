// A run's first step: check the spec, make the tables, claim the dataflow. Nothing is asked of Pinterest yet.
import { WorkflowNotFoundError } from '@temporalio/client';
import { LEVELS, OBJECT_TYPES, tableOf, type Dataset } from '../dataflow/object-types.js';
import { metricsOf } from '../dataflow/columns.js';
import { dateOf, type DateRange } from '../dataflow/dates.js';
import { InvalidSpec } from '../dataflow/invalid-spec.js';
import { datasetsOf, windowOf } from '../dataflow/need.js';
import { parseSpec } from '../dataflow/parse-spec.js';
import type { RunError } from '../dataflow/flow-run.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { targetName } from '../dataflow/targets.js';
import type { QuotaLimit } from '../quota/limits.js';
import type { Claim } from '../store/claims.js';
import type { DataflowAccount, Store } from '../store/store.js';
import type { TableShape } from '../store/tables.js';
import type { Dependencies, RecoveryPolicy } from './dependencies.js';
import { mustBeRun, thisWorkflow } from './own-run.js';
import { scheduledAtMs, type RunRef } from './run.js';

export interface PrepareInput {
  /** As the workflow got it. */
  spec: unknown;
  startedAtMs: number;
  /** The id of the workflow's first execution: the flow run's id. */
  runId: string;
}

export interface Prepared {
  run: RunRef;
  window: DateRange;
  errorThresholdPercent: number;
  /** Only these exact dates were asked for, by a person: such a run waits for another one instead of leaving. */
  onDemand: boolean;
  reportPollMs: number;
  quota: readonly QuotaLimit[];
  /** `mending` in histories: the name stays. */
  mending?: RecoveryPolicy;
  /** The run's end is told to a webhook; earlier versions knew none. */
  alerts?: true;
  /** The server knows the search attributes of runs; earlier versions set none. */
  searchAttributes?: true;
  /** Steps that come too early answer so; in a run that an earlier version prepared they fail. */
  patient?: true;
  /** The names of the spec's targets, if it has any; earlier versions knew none. */
  targets?: string[];
  /** Worth knowing from the start on; earlier versions told nothing so early. */
  notices?: RunError[];
  /** The workflow that holds the dataflow, if it is not this one. */
  heldBy?: string;
}

export const shapeOf = ({ source }: DataflowSpec, dataset: Dataset): TableShape => ({
  dataset,
  hourly: source.granularity === 'HOUR',
  metrics: metricsOf(dataset.objectType, source.columns),
});

/**
 * Tables for all object types of the catalogue, for what the views for another program show, and for what the spec asks for
 * besides: breakdowns of a type share one.
 */
export const shapesOf = (spec: DataflowSpec): TableShape[] => {
  const always = spec.views ? LEVELS : OBJECT_TYPES;
  const datasets = [...always.map((objectType): Dataset => ({ objectType })), ...datasetsOf(spec)];
  const byTable = new Map(datasets.map((dataset) => [tableOf(dataset), dataset]));
  return [...byTable.values()].map((dataset) => shapeOf(spec, dataset));
};

/**
 * Makes a dataflow's schema, with a place for its catalogue.
 * @throws InvalidSpec if rows of another granularity stand there already
 */
export const prepareSchema = async (store: Store, spec: DataflowSpec): Promise<void> => {
  await store.schemas.make(spec.name);
  const { granularity } = spec.source;
  const other = (await store.cells.granularities(spec.name)).find((held) => held !== granularity);
  if (other !== undefined) {
    const message =
      `dataflow "${spec.name}" already holds ${other} rows in this store, and ${granularity} rows cannot stand ` +
      'beside them; give this dataflow another name';
    throw new InvalidSpec([{ path: 'source.granularity', message }]);
  }
};

/**
 * Makes a dataflow's tables.
 * @throws InvalidSpec, before any is altered, if rows of another granularity stand there already
 */
export const prepareTables = async (store: Store, spec: DataflowSpec): Promise<void> => {
  await prepareSchema(store, spec);
  await store.schemas.makeAnalytics(spec.name, shapesOf(spec), spec.views);
};

/** Claims the dataflow; a claim whose workflow is gone is taken over. */
export const claimDataflow = async (
  { store, temporal }: Dependencies,
  account: DataflowAccount,
  claim: Claim,
): Promise<Claim> => {
  const holder = await store.claims.take(account, claim);
  if (holder.runId === claim.runId) return holder;
  if (await isOpen(temporal, holder)) return holder;
  return store.claims.take(account, claim, holder.runId);
};

/** Whether the workflow that a claim names is still on. */
export const isOpen = async (
  temporal: Dependencies['temporal'],
  { namespace, workflowId }: Claim,
): Promise<boolean> => {
  try {
    const { status } = await temporal.client(namespace).workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING' || status.name === 'PAUSED';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};

/** A credential that nobody can read is told of where it is needed. */
const noticesOf = async ({ credentials }: Dependencies, credential: string): Promise<RunError[]> => {
  const message = await credentials.endsSoon(credential).catch(() => undefined);
  return message === undefined ? [] : [{ code: 'CredentialEndsSoon', message }];
};

export const prepareRun =
  (dependencies: Dependencies) =>
  async (input: PrepareInput): Promise<Prepared> => {
    await mustBeRun(dependencies, input.runId);
    const { namespace, workflowId } = thisWorkflow();
    const now = scheduledAtMs();
    const spec = parseSpec(input.spec, {
      credentials: await dependencies.credentials.names(),
      missingVariables: dependencies.targets.missing,
      today: dateOf(now),
    });
    const account = { dataflow: spec.name, adAccountId: spec.connection.adAccountId };
    await prepareTables(dependencies.store, spec);

    const holder = await claimDataflow(dependencies, account, {
      namespace,
      workflowId,
      runId: input.runId,
      claimedAtMs: now,
      spec,
      open: true,
    });
    const { credential } = spec.connection;
    const notices = await noticesOf(dependencies, credential);
    const prepared: Prepared = {
      run: { place: account, credential, startedAtMs: input.startedAtMs, runId: input.runId },
      window: windowOf(spec, now),
      errorThresholdPercent: spec.errorThresholdPercent,
      onDemand: spec.window !== undefined,
      reportPollMs: dependencies.reportPollMs,
      quota: dependencies.quota,
      patient: true,
      ...(dependencies.recovery && { mending: dependencies.recovery }),
      ...(dependencies.alerts && { alerts: true }),
      ...(dependencies.searchAttributes && { searchAttributes: true }),
      ...(spec.targets.length > 0 && { targets: spec.targets.map(targetName) }),
      ...(notices.length > 0 && { notices }),
    };
    if (holder.runId === input.runId) return prepared;
    if (!prepared.onDemand) dependencies.metrics.runEnded({ dataflow: spec.name, status: 'skipped' });
    return { ...prepared, heldBy: holder.workflowId };
  };
