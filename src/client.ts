// The programmatic client: start, plan, watch and steer dataflows from TypeScript.
import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { DryRun } from './activities/dry-run.js';
import { dateOf } from './dataflow/dates.js';
import type { FlowRun } from './dataflow/flow-run.js';
import { isOfOneAccount, parseAnySpec, type DataflowSpec, type ManyAccountsSpec } from './dataflow/spec.js';
import type { BudgetView } from './quota/budget/budget-view.js';
import { quotaWorkflowId } from './quota-client.js';
import { DEFAULT_NAMESPACE, TASK_QUEUE, temporalAddress, TemporalUnreachable } from './temporal.js';
import type { DataflowProgress } from './workflows/progress.js';

export interface DataflowRun {
  workflowId: string;
  /** How far the run is. */
  progress(): Promise<DataflowProgress>;
  /** Stops at the next border between chunks; nothing is lost. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends the run; what is loaded stays. */
  cancel(): Promise<void>;
  /** The flow-run record. Rejects with a WorkflowFailedError where the run failed or was cancelled. */
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
   * @param address where given, instead of them: `localhost:7233`
   * @throws TemporalUnreachable
   */
  static async connect(address?: string): Promise<DataflowClient> {
    const { connectionOptions, namespace = DEFAULT_NAMESPACE } = temporalAddress();
    const options = address ? { address } : connectionOptions;
    const connection = await Connection.connect(options).catch((error: Error) => {
      throw new TemporalUnreachable(options.address ?? 'localhost:7233', error.message);
    });
    return new DataflowClient(new Client({ connection, namespace }), connection, namespace);
  }

  /**
   * Starts a run of a dataflow. A run of the very same spec that is on already is joined.
   * @param workflowId the dataflow's name where left out, with its dates where the spec has a `window`
   * @throws InvalidSpec
   * @throws AnotherRunIsOn where the workflow id belongs to an open run of another spec
   */
  async start(spec: unknown, options: { workflowId?: string } = {}): Promise<DataflowRun> {
    const checked = parseAnySpec(spec, { today: dateOf(Date.now()) });
    const { name, source, window } = checked;
    const workflowId = options.workflowId ?? (window ? `${name}-${window.from}-to-${window.to}` : name);
    const text = JSON.stringify(spec);
    const types = source.objects.map(({ type }) => type).join(', ');
    try {
      const handle = await this.client.workflow.start('dataflow', {
        taskQueue: TASK_QUEUE,
        workflowId,
        args: [spec],
        memo: { spec: text },
        workflowIdConflictPolicy: 'FAIL',
        staticSummary: `Pinterest Ads → store: ${types} of ${accountsOf(checked)}`,
      });
      return this.runOf(handle);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const handle = this.client.workflow.getHandle(workflowId);
      const { memo } = await handle.describe();
      if (memo?.['spec'] !== text) throw new AnotherRunIsOn(workflowId);
      return this.runOf(handle);
    }
  }

  /** A run that was started before. */
  run(workflowId: string): DataflowRun {
    return this.runOf(this.client.workflow.getHandle(workflowId));
  }

  /** What a spec would cost, spending nothing but the catalogue. */
  async plan(spec: unknown): Promise<DryRun> {
    const { name } = parseAnySpec(spec, { today: dateOf(Date.now()) });
    const workflowId = `plan-${name}-${Date.now()}`;
    return this.client.workflow.execute('planDataflow', {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [spec],
    }) as Promise<DryRun>;
  }

  /** The budget of a Pinterest app; undefined before its first call. */
  async budget(app = 'default'): Promise<BudgetView | undefined> {
    try {
      return await this.client.workflow.getHandle(quotaWorkflowId(app)).query<BudgetView>('budget');
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  private runOf(handle: WorkflowHandle): DataflowRun {
    return {
      workflowId: handle.workflowId,
      progress: () => handle.query<DataflowProgress>('progress'),
      pause: () => handle.signal('pause'),
      resume: () => handle.signal('resume'),
      cancel: async () => void (await handle.cancel()),
      result: () => handle.result() as Promise<FlowRun>,
    };
  }
}
