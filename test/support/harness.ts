// A whole system for one test: simulator, store, worker and a client, in a Temporal namespace of its own.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Connection,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { startSimulator, type Simulator } from '../../simulator/server.js';
import type { SimulatorOptions } from '../../simulator/settings.js';
import { composeWorker, type ComposedWorker } from '../../src/compose.js';
import type { FlowRun } from '../../src/dataflow/flow-run.js';
import { readSettings } from '../../src/settings.js';
import { DATAFLOW, TASK_QUEUE, progressQuery, type DataflowProgress } from '../../src/workflows/contract.js';
import { openRuns } from './open-runs.js';
import { EFFORT } from './random.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

export const ACCOUNT = '549755885175';
export const WORKFLOW_BUNDLE = { codePath: resolve('dist/workflow-bundle.js') };

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** A little less than the `testTimeout` of `jest.config.cjs`. */
const HANGS_AFTER_MS = 570_000;

export const temporalAddress = (): string => process.env['TEST_TEMPORAL_ADDRESS']!;

/** A namespace that holds nothing yet. */
export const newNamespace = async ({ workflowService }: Connection): Promise<string> => {
  const namespace = `test-${randomUUID()}`;
  const workflowExecutionRetentionPeriod = msToTs('1 day');
  await workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod });
  return namespace;
};

/** A spec with what a test wants to be different. */
export const specOf = (source: Record<string, unknown> = {}, rest: Record<string, unknown> = {}) => ({
  name: 'acme-ads',
  connection: { adAccountId: ACCOUNT },
  source: { objects: [{ type: 'campaigns', ids: 'all' }], ...source },
  ...rest,
});

export interface HarnessOptions {
  simulator?: SimulatorOptions;
  environment?: Record<string, string>;
  /** False where the test starts workers of its own. */
  worker?: boolean;
  reportPollMs?: number;
  /** Of a Temporal server other than the shared one. */
  address?: string;
  /** Left out: one that holds nothing yet. */
  namespace?: string;
  /** After which the test says what is still open; null where it says so itself. */
  hangsAfterMs?: number | null;
}

export class Harness {
  /** How long a run waits for a new token and the like. */
  patienceMs = 60_000;
  /** How long a worker leaves stored credentials alone that no run asks for; as in production, if left out. */
  upkeepMs: number | undefined;
  private running: Promise<void> | undefined;
  private worker: ComposedWorker | undefined;
  private readonly processes: WorkerProcess[] = [];

  /** Fires shortly before a test times out that has no deadline of its own. */
  private readonly hang: NodeJS.Timeout | undefined;

  private constructor(
    readonly simulator: Simulator,
    readonly folder: string,
    readonly environment: Record<string, string>,
    readonly client: Client,
    readonly namespace: string,
    private readonly connections: [Connection, NativeConnection],
    private readonly reportPollMs: number,
    hangsAfterMs: number | undefined,
  ) {
    if (hangsAfterMs !== undefined)
      this.hang = setTimeout(() => void this.tellWhereItHangs(), hangsAfterMs).unref();
  }

  static async start({
    simulator: options = {},
    environment = {},
    worker = true,
    reportPollMs = 20,
    address = temporalAddress(),
    namespace: given,
    hangsAfterMs = HANGS_AFTER_MS * EFFORT,
  }: HarnessOptions = {}): Promise<Harness> {
    const simulator = await startSimulator({ adAccountId: ACCOUNT, ...options });
    const folder = await mkdtemp(join(tmpdir(), 'pinterest-ads-'));
    const connection = await Connection.connect({ address });
    const native = await NativeConnection.connect({ address });
    const namespace = given ?? (await newNamespace(connection));
    const harness = new Harness(
      simulator,
      folder,
      {
        PINTEREST_ACCESS_TOKEN: simulator.settings.token,
        PINTEREST_API_URL: simulator.url,
        STORE_URL: `duckdb:${join(folder, 'store.duckdb')}`,
        TEMPORAL_ADDRESS: address,
        TEMPORAL_NAMESPACE: namespace,
        PINTEREST_APP: `test-${randomUUID()}`,
        ...environment,
      },
      new Client({ connection, namespace }),
      namespace,
      [connection, native],
      reportPollMs,
      hangsAfterMs ?? undefined,
    );
    if (worker) await harness.startWorker();
    return harness;
  }

  get storePath(): string {
    return join(this.folder, 'store.duckdb');
  }

  async startWorker(): Promise<void> {
    this.worker = await composeWorker({
      settings: readSettings(this.environment),
      connection: this.connections[1],
      namespace: this.namespace,
      workflowBundle: WORKFLOW_BUNDLE,
      workFolder: join(this.folder, 'work'),
      reportPollMs: this.reportPollMs,
      retryPauseMs: 50,
      ...(this.upkeepMs !== undefined && { upkeepMs: this.upkeepMs }),
      recovery: { pauseMs: 200, patienceMs: this.patienceMs },
    });
    this.running = this.worker.run();
  }

  /**
   * A worker as a process of its own, which ends with the test.
   * @param changes of its environment
   * @param program as `startWorkerProcess` takes it
   */
  async startWorkerProcess(changes: Record<string, string> = {}, program?: string): Promise<WorkerProcess> {
    const worker = await startWorkerProcess({ ...this.environment, ...changes }, program);
    this.processes.push(worker);
    return worker;
  }

  async stopWorker(): Promise<void> {
    this.worker?.shutdown();
    await this.running;
    this.worker = undefined;
  }

  begin(
    spec: unknown,
    {
      workflowId = `run-${randomUUID()}`,
      type = DATAFLOW,
      workflowExecutionTimeout = '30 minutes',
    }: {
      workflowId?: string;
      type?: string;
      workflowExecutionTimeout?: '30 minutes' | '3 days';
    } = {},
  ): Promise<WorkflowHandleWithFirstExecutionRunId> {
    return this.client.workflow.start(type, {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [spec],
      workflowExecutionTimeout,
    });
  }

  async run(spec: unknown, options: { workflowId?: string } = {}): Promise<FlowRun> {
    return (await this.begin(spec, options)).result() as Promise<FlowRun>;
  }

  /** Calls that the API's server counts. */
  calls(): number {
    return this.simulator.log.filter(({ route }) => route !== 'download').length;
  }

  private async tellWhereItHangs(): Promise<void> {
    const open = await openRuns(this.client).catch(String);
    const calls = this.simulator.log.slice(-3).map((call) => JSON.stringify(call));
    process.stderr.write(
      `${expect.getState().currentTestName} hangs. Open runs:\n${open}\nLast calls:\n${calls.join('\n')}\n`,
    );
  }

  async close(): Promise<void> {
    clearTimeout(this.hang);
    for (const worker of this.processes) await worker.kill();
    if (this.worker) await this.stopWorker();
    await this.simulator.close();
    await this.connections[0].close();
    await this.connections[1].close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export const progressOf = (handle: WorkflowHandle): Promise<DataflowProgress> => handle.query(progressQuery);

/**
 * What a run says as soon as that holds; it has to be asked, since Temporal tells nobody.
 * @throws Error if the run ends and it does not hold
 */
export const progressUntil = async (
  handle: WorkflowHandle,
  holds: (progress: DataflowProgress) => boolean,
): Promise<DataflowProgress> => {
  for (;;) {
    const { status } = await handle.describe();
    const progress = await progressOf(handle);
    if (holds(progress)) return progress;
    const goesOn = status.name === 'RUNNING' || status.name === 'CONTINUED_AS_NEW';
    if (!goesOn) throw new Error(`${handle.workflowId} ended before that held: ${JSON.stringify(progress)}`);
    await sleep(50);
  }
};
