// The programmatic client: find out, plan, start, watch, schedule and steer dataflows from TypeScript.
import {
  Client,
  Connection,
  WorkflowNotFoundError,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import type { DryRun } from './activities/dry-run.js';
import type { Forgotten } from './activities/forget-cells.js';
import type { ConnectionCheck } from './activities/questions/check-connection.js';
import type { Exploration } from './activities/questions/explore.js';
import type { Preview as PreviewAnswer } from './activities/questions/preview.js';
import type { Cadence } from './client/cadence.js';
import { openByDataflow, openOf } from './client/open-runs.js';
import { ask } from './client/questions.js';
import { Runs, summaryOf, type DataflowRun } from './client/runs.js';
import { Schedules } from './client/schedules.js';
import {
  listAll,
  statusOf,
  unknownDataflow,
  withoutSpec,
  type DataflowStatus,
  type DataflowSummary,
} from './client/status.js';
import { dateOf, type DateRange } from './dataflow/dates.js';
import { InvalidSpec } from './dataflow/invalid-spec.js';
import { parseAnySpec } from './dataflow/parse-spec.js';
import type { ObjectType } from './dataflow/object-types.js';
import type { ReconcileQuestion } from './dataflow/parse-question.js';
import type { Reconciliation } from './dataflow/reconcile/reconciliation.js';
import type { BudgetView } from './quota/budget/budget-view.js';
import {
  DEFAULT_NAMESPACE,
  directIfLocal,
  proxyVariableFor,
  temporalAddress,
  TemporalUnreachable,
} from './temporal.js';
import {
  budgetQuery,
  CHECK_CONNECTION,
  DROP_DATAFLOW,
  EXPLORE,
  FORGET,
  PLAN_DATAFLOW,
  PREVIEW,
  quotaWorkflowId,
  RECONCILE,
  type CheckConnection,
  type DataflowProgress,
  type DropDataflow,
  type Explore,
  type Forget,
  type PlanDataflow,
  type Preview,
  type Reconcile,
} from './workflows/contract.js';

export type {
  Cadence,
  ConnectionCheck,
  DataflowProgress,
  DataflowRun,
  DataflowStatus,
  DataflowSummary,
  DryRun,
  Exploration,
  PreviewAnswer,
  Reconciliation,
};
export type { FlowRun } from './dataflow/flow-run.js';
export type { BudgetView } from './quota/budget/budget-view.js';
export { KnownError } from './dataflow/failures.js';
export { InvalidSpec } from './dataflow/invalid-spec.js';
export { AnotherRunIsOn } from './client/runs.js';
export { NoWorker } from './client/questions.js';
export { TemporalUnreachable } from './temporal.js';

/** What to ask Pinterest with, and of which ad account. */
export interface ConnectionInput {
  adAccountId?: string;
  /** The name of a credential of the worker, never a token; `default` if left out. */
  credential?: string;
}

export interface ExploreInput {
  connection?: ConnectionInput;
  type?: 'campaigns' | 'ad_groups' | 'ads';
  /** `*` is a wildcard; case does not count. */
  names?: readonly string[];
  /** Every status if left out. */
  statuses?: readonly ('ACTIVE' | 'PAUSED' | 'ARCHIVED' | 'DRAFT' | 'DELETED_DRAFT')[];
  /** 200 if left out, at most 1,000. */
  limit?: number;
}

/** Which cells: those of every ad account, type, breakdown, id and date, unless one is named. */
export interface Cells extends Partial<DateRange> {
  adAccountId?: string;
  objectType?: ObjectType;
  /** Only numbers by this targeting type, `AGE_BUCKET`; those of the objects themselves stay as they are. */
  breakdown?: string;
  ids?: readonly string[];
}

export interface Created {
  name: string;
  /** False if there was a schedule of that name: it has been brought up to date. */
  created: boolean;
  /** If it was to run now. */
  run?: DataflowRun;
}

export class DataflowClient {
  private readonly schedules: Schedules;
  private readonly runs: Runs;

  private constructor(
    private readonly client: Client,
    private readonly connection: Connection,
    readonly namespace: string,
  ) {
    this.schedules = new Schedules(client);
    this.runs = new Runs(client);
  }

  /**
   * Connects to Temporal as its environment variables and temporal.toml say.
   * @param address if given, instead of theirs: `localhost:7233`
   * @param interceptors of what is asked of Temporal: OpenTelemetry's, for instance
   * @throws TemporalUnreachable
   */
  static async connect(
    address?: string,
    interceptors: WorkflowClientInterceptor[] = [],
  ): Promise<DataflowClient> {
    const { connectionOptions, namespace = DEFAULT_NAMESPACE } = temporalAddress();
    const options = address ? { address } : connectionOptions;
    const connection = await Connection.connect(directIfLocal(options)).catch((error: Error) => {
      const asked = options.address ?? 'localhost:7233';
      throw new TemporalUnreachable(asked, error.message, proxyVariableFor(asked));
    });
    const client = new Client({ connection, namespace, interceptors: { workflow: interceptors } });
    return new DataflowClient(client, connection, namespace);
  }

  /**
   * Starts a run of a dataflow. If the very same spec is already running under the workflow id, that run is joined, however
   * it was started.
   * @param workflowId left out: the dataflow's name, with its dates if the spec has a `window`
   * @throws InvalidSpec
   * @throws AnotherRunIsOn if the workflow id belongs to an open run of another spec
   */
  start(spec: unknown, options: { workflowId?: string } = {}): Promise<DataflowRun> {
    return this.runs.start(spec, options.workflowId);
  }

  /** A run that was started before. */
  run(workflowId: string): DataflowRun {
    return this.runs.of(workflowId);
  }

  /**
   * What a spec would cost, spending nothing but the catalogue.
   * @throws KnownError: InvalidSpec, or of that kind if a worker refuses the spec
   */
  async plan(spec: unknown): Promise<DryRun> {
    const { name } = parseAnySpec(spec, { today: dateOf(Date.now()) });
    return ask<PlanDataflow>(this.client, PLAN_DATAFLOW, [spec], { id: `plan-${name}` });
  }

  /** Whether a token reads an ad account, and what is missing: in its answer, not as an error. */
  check(connection: ConnectionInput = {}): Promise<ConnectionCheck> {
    return ask<CheckConnection>(this.client, CHECK_CONNECTION, [{ connection }]);
  }

  /** The ad accounts of a token; with an ad account and a type, that one's objects. */
  explore(input: ExploreInput = {}): Promise<Exploration> {
    return ask<Explore>(this.client, EXPLORE, [input]);
  }

  /**
   * The newest rows that a spec would bring, at most 100.
   * @throws KnownError: InvalidSpec, or of that kind if a worker refuses the spec
   */
  async preview(spec: unknown): Promise<PreviewAnswer> {
    parseAnySpec(spec, { today: dateOf(Date.now()) });
    return ask<Preview>(this.client, PREVIEW, [spec]);
  }

  /**
   * Makes a dataflow's schedule; again, it brings it up to date: with another spec, another cadence, or both.
   * @param options.schedule daily if left out, or what it was
   * @param options.runNow also starts a run at once
   * @throws InvalidSpec if spec or schedule cannot be
   * @throws AnotherRunIsOn if it is to run now and a run of another spec is on; the schedule has been made by then
   */
  async create(spec: unknown, options: { schedule?: Cadence; runNow?: boolean } = {}): Promise<Created> {
    const checked = parseAnySpec(spec, { today: dateOf(Date.now()) });
    const { name, window } = checked;
    if (window) {
      const message = 'is for one run on demand; leave it out, and ask for dates by trigger';
      throw new InvalidSpec([{ path: 'window', message }]);
    }
    const created = await this.schedules.put(name, spec, options.schedule, summaryOf(checked));
    return { name, created, ...(options.runNow && { run: await this.start(spec) }) };
  }

  /** Every dataflow that has a schedule, or of which the store holds something. */
  list(): Promise<DataflowSummary[]> {
    return listAll(this.client, this.schedules);
  }

  /** @throws KnownError of kind `InvalidSpec` if neither a schedule nor the store knows it */
  status(name: string): Promise<DataflowStatus> {
    return statusOf(this.client, this.schedules, name);
  }

  /**
   * Runs a dataflow now; a run that is on is joined.
   * @param options.window instead: exactly these dates, read again, in a run of their own
   */
  async trigger(name: string, { window }: { window?: DateRange } = {}): Promise<DataflowRun> {
    const { spec, running } = await this.status(name);
    if (spec === null && (window || running === null)) throw withoutSpec(name);
    if (window) return this.start({ ...(spec as object), window });
    return running === null ? this.start(spec) : this.run(running);
  }

  /**
   * Pauses the schedule, and the run that is on at its next chunk boundary.
   * @param note why; left out, what was said before stays
   */
  async pause(name: string, note?: string): Promise<void> {
    const runs = await this.openRuns(name);
    const paused = await this.schedules.pause(name, note);
    if (!paused && runs.length === 0) throw await this.unknown(name);
    for (const run of runs) await run.pause();
  }

  async resume(name: string, note?: string): Promise<void> {
    const runs = await this.openRuns(name);
    const resumed = await this.schedules.resume(name, note);
    if (!resumed && runs.length === 0) throw await this.unknown(name);
    for (const run of runs) await run.resume();
  }

  /** Makes cells stale: the next run reads them again; rows stay until they are replaced. */
  forget(name: string, cells: Cells = {}): Promise<Forgotten> {
    return ask<Forget>(this.client, FORGET, [{ name, ...cells }]);
  }

  /**
   * What the store adds up to against Pinterest's own totals, and where they differ.
   * @param question.repair also reads again the cells that differ
   */
  reconcile(name: string, question: Omit<ReconcileQuestion, 'name'> = {}): Promise<Reconciliation> {
    return ask<Reconcile>(this.client, RECONCILE, [{ name, ...question }]);
  }

  /**
   * Deletes a dataflow's schedule; a run that is on goes on. Deleting what is not there is no error.
   * @param options.data also everything that the store holds of it; while a run is on that is refused, and nothing deleted
   * @returns what there was
   */
  async delete(
    name: string,
    { data = false }: { data?: boolean } = {},
  ): Promise<{ schedule: boolean; data: boolean }> {
    // The data first: it is refused while a run is on, and then the schedule stays, too.
    const dropped = data && (await ask<DropDataflow>(this.client, DROP_DATAFLOW, [name])).dropped;
    return { schedule: await this.schedules.delete(name), data: dropped };
  }

  /** The budget of a Pinterest app; undefined before its first call. */
  async budget(app = 'default'): Promise<BudgetView | undefined> {
    try {
      return await this.client.workflow.getHandle(quotaWorkflowId(app)).query(budgetQuery);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private async openRuns(name: string): Promise<DataflowRun[]> {
    const scheduled = await this.schedules.of(name);
    const listed = (await openByDataflow(this.client)).get(name) ?? [];
    const open = await openOf(this.client, [name, ...(scheduled?.running ?? []), ...listed]);
    return open.map((workflowId) => this.run(workflowId));
  }

  private async unknown(name: string): Promise<Error> {
    const names = [...(await this.schedules.all()).keys()];
    return unknownDataflow(name, names);
  }
}
