// The programmatic client: start, plan, watch and steer dataflows from TypeScript.
import { isDeepStrictEqual } from 'node:util';
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowClientInterceptor,
  type WorkflowHandle,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { DryRun } from './activities/dry-run.js';
import { dateOf } from './dataflow/dates.js';
import type { FlowRun } from './dataflow/flow-run.js';
import { parseAnySpec } from './dataflow/parse-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from './dataflow/spec.js';
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
  DATAFLOW,
  dataflowWorkflowId,
  pauseSignal,
  PLAN_DATAFLOW,
  planWorkflowId,
  progressQuery,
  quotaWorkflowId,
  resumeSignal,
  TASK_QUEUE,
  type Dataflow,
  type DataflowProgress,
  type PlanDataflow,
} from './workflows/contract.js';

export interface DataflowRun {
  workflowId: string;
  /** How far the run is. */
  progress(): Promise<DataflowProgress>;
  /** Stops at the next chunk boundary; nothing is lost. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run; what is loaded stays. */
  cancel(): Promise<void>;
  /** The flow-run record. Rejects with a WorkflowFailedError if the run failed or was cancelled. */
  result(): Promise<FlowRun>;
}

/** An open run of another spec has the workflow id. */
export class AnotherRunIsOn extends Error {
  override readonly name = 'AnotherRunIsOn';

  constructor(readonly workflowId: string) {
    super(
      `The workflow ${workflowId} is running with another spec. Wait for its end, cancel it ` +
        `(temporal workflow cancel --workflow-id ${workflowId}), or start this one under another workflow id.`,
    );
  }
}

const accountsOf = (spec: DataflowSpec | ManyAccountsSpec): string => {
  if (isOfOneAccount(spec)) return `ad account ${spec.connection.adAccountId}`;
  const { adAccountIds } = spec.connection;
  return adAccountIds === 'all' ? 'all ad accounts' : `${adAccountIds.length} ad accounts`;
};

export class DataflowClient {
  private constructor(
    private readonly client: Client,
    private readonly connection: Connection,
    readonly namespace: string,
  ) {}

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
  async start(spec: unknown, options: { workflowId?: string } = {}): Promise<DataflowRun> {
    const checked = parseAnySpec(spec, { today: dateOf(Date.now()) });
    const workflowId = options.workflowId ?? dataflowWorkflowId(checked);
    const types = checked.source.objects.map(({ type }) => type).join(', ');
    try {
      const handle = await this.client.workflow.start<Dataflow>(DATAFLOW, {
        taskQueue: TASK_QUEUE,
        workflowId,
        args: [spec],
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `Pinterest Ads → store: ${types} of ${accountsOf(checked)}`,
      });
      return this.runOf(handle);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (!(await this.isRunOf(spec, workflowId))) throw new AnotherRunIsOn(workflowId);
      return this.run(workflowId);
    }
  }

  /** A run that was started before. */
  run(workflowId: string): DataflowRun {
    return this.runOf(this.client.workflow.getHandle<Dataflow>(workflowId));
  }

  /** What a spec would cost, spending nothing but the catalogue. */
  async plan(spec: unknown): Promise<DryRun> {
    const { name } = parseAnySpec(spec, { today: dateOf(Date.now()) });
    return this.client.workflow.execute<PlanDataflow>(PLAN_DATAFLOW, {
      taskQueue: TASK_QUEUE,
      workflowId: planWorkflowId(name, Date.now()),
      args: [spec],
    });
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

  /** Whether the open workflow of this id is a run of the very spec: each execution's first event has what it was started with. */
  private async isRunOf(spec: unknown, workflowId: string): Promise<boolean> {
    const { history } = await this.client.workflowService.getWorkflowExecutionHistory({
      namespace: this.namespace,
      execution: { workflowId },
      maximumPageSize: 1,
    });
    const { workflowType, input } = history!.events![0]!.workflowExecutionStartedEventAttributes!;
    const [given] = input?.payloads ?? [];
    if (workflowType?.name !== DATAFLOW || !given) return false;
    // As JSON says it, so that neither the order of keys nor an `undefined` makes a difference.
    const asked: unknown = JSON.parse(JSON.stringify(spec));
    return isDeepStrictEqual(defaultPayloadConverter.fromPayload(given), asked);
  }

  private runOf(handle: WorkflowHandle<Dataflow>): DataflowRun {
    return {
      workflowId: handle.workflowId,
      progress: () => handle.query(progressQuery),
      pause: () => handle.signal(pauseSignal),
      resume: () => handle.signal(resumeSignal),
      cancel: async () => void (await handle.cancel()),
      result: () => handle.result(),
    };
  }
}
