// The programmatic client: start, plan, watch and steer dataflows from TypeScript.
import { Client, Connection, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { DryRun } from './activities/dry-run.js';
import { dateOf } from './dataflow/dates.js';
import type { FlowRun } from './dataflow/flow-run.js';
import { parseSpec } from './dataflow/spec.js';
import type { BudgetView } from './quota/describe.js';
import { quotaWorkflowId } from './quota-client.js';
import { DEFAULT_NAMESPACE, TASK_QUEUE, temporalAddress, TemporalUnreachable } from './temporal.js';
import type { DataflowProgress } from './workflows/progress.js';

export interface DataflowRun {
  workflowId: string;
  runId: string;
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
   * Starts a run of a dataflow; one that is on under the same workflow id is joined.
   * @param spec the dataflow spec; `workflowId` is its name where left out
   * @throws InvalidSpec
   */
  async start(spec: unknown, { workflowId }: { workflowId?: string } = {}): Promise<DataflowRun> {
    const { name, source, connection } = parseSpec(spec, { today: dateOf(Date.now()) });
    const types = source.objects.map(({ type }) => type).join(', ');
    const handle = await this.client.workflow.start('dataflow', {
      taskQueue: TASK_QUEUE,
      workflowId: workflowId ?? name,
      args: [spec],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `Pinterest Ads → store: ${types} of ad account ${connection.adAccountId}`,
    });
    return this.runOf(handle, handle.firstExecutionRunId);
  }

  /** A run that was started before. */
  run(workflowId: string): DataflowRun {
    return this.runOf(this.client.workflow.getHandle(workflowId), '');
  }

  /** What a spec would cost, spending nothing but the catalogue. */
  async plan(spec: unknown): Promise<DryRun> {
    const { name } = parseSpec(spec, { today: dateOf(Date.now()) });
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

  private runOf(handle: WorkflowHandle, runId: string): DataflowRun {
    return {
      workflowId: handle.workflowId,
      runId,
      progress: () => handle.query<DataflowProgress>('progress'),
      pause: () => handle.signal('pause'),
      resume: () => handle.signal('resume'),
      cancel: async () => void (await handle.cancel()),
      result: () => handle.result() as Promise<FlowRun>,
    };
  }
}
