// The schedules of dataflows: each has the dataflow's name as its id, and starts `dataflow` under that name.
import {
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { KnownError } from '../dataflow/failures.js';
import { InvalidSpec } from '../dataflow/invalid-spec.js';
import { DATAFLOW, TASK_QUEUE } from '../workflows/contract.js';
import { cadenceOf, scheduleSpecOf, type Cadence } from './cadence.js';

export interface DataflowSchedule {
  /** `every 6h`, `every day at 06:00`, `cron 0 6 * * 1`. */
  cadence: string;
  paused: boolean;
  /** What somebody wrote to it, or why it is paused; empty if nobody did. */
  note: string;
  /** ISO time; null while it is paused. */
  nextRunAt: string | null;
}

export interface ScheduledDataflow {
  schedule: DataflowSchedule;
  spec: unknown;
  /** Workflows that it has started and that are on. */
  running: string[];
}

/** Ticks that were missed while Temporal was away are made up for if they are not older; more would come to the same. */
const CATCHUP_WINDOW = '1 day';

const scheduleOf = ({
  spec,
  state,
  info,
}: Pick<ScheduleDescription, 'state'> & {
  spec?: Partial<ScheduleDescription['spec']>;
  info: Pick<ScheduleDescription['info'], 'nextActionTimes'>;
}): DataflowSchedule => ({
  cadence: cadenceOf(spec ?? {}),
  paused: state.paused,
  note: state.note ?? '',
  nextRunAt: state.paused ? null : (info.nextActionTimes[0]?.toISOString() ?? null),
});

/** Temporal's word on a cron expression that it cannot read: its client makes a TypeError of that. */
const refusedCron = (error: unknown, { cron }: Cadence): unknown => {
  if (cron === undefined || !(error instanceof TypeError)) return error;
  const message = `${JSON.stringify(cron)} is refused by Temporal: ${error.message}`;
  return new InvalidSpec([{ path: 'schedule.cron', message }], { says: 'The schedule cannot be made' });
};

const isADataflows = ({ action }: { action?: { workflowType?: unknown } | undefined }): boolean =>
  action?.workflowType === DATAFLOW;

const takenByAnother = (name: string, { action }: Pick<ScheduleDescription, 'action'>): KnownError =>
  new KnownError(
    'InvalidSpec',
    `The schedule ${JSON.stringify(name)} of this namespace is no dataflow's: it starts ` +
      `${JSON.stringify(action.workflowType)}. Give the dataflow another name.`,
  );

/** True if there was one of a dataflow; another program's is left alone. */
const ifThere = async (
  schedule: ScheduleHandle,
  work: (description: ScheduleDescription) => Promise<unknown>,
): Promise<boolean> => {
  try {
    const description = await schedule.describe();
    if (!isADataflows(description)) return false;
    await work(description);
    return true;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return false;
    throw error;
  }
};

/** What a person reads of a schedule that nobody wrote to. */
const noteOf = (summary: string): string => `${summary}. The spec is the input of its runs.`;

export class Schedules {
  constructor(private readonly client: Client) {}

  /**
   * Makes a dataflow's schedule, or brings the one that there is up to date: whether it is paused, and why, stays.
   * @param cadence left out: daily, or what it was
   * @param summary what a person reads of each run
   * @returns whether it was made
   */
  async put(name: string, spec: unknown, cadence: Cadence | undefined, summary: string): Promise<boolean> {
    const note = noteOf(summary);
    const action: ScheduleOptions['action'] = {
      type: 'startWorkflow',
      workflowType: DATAFLOW,
      workflowId: name,
      taskQueue: TASK_QUEUE,
      args: [spec],
      staticSummary: summary,
    };
    const policies = { overlap: 'SKIP', catchupWindow: CATCHUP_WINDOW } as const;
    const when = scheduleSpecOf(cadence ?? {});
    try {
      await this.client.schedule.create({ scheduleId: name, spec: when, action, policies, state: { note } });
      return true;
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw refusedCron(error, cadence ?? {});
    }
    try {
      await this.client.schedule.getHandle(name).update((found) => {
        if (!isADataflows(found)) throw takenByAnother(name, found);
        const { spec: before, state } = found;
        return {
          spec: cadence ? when : before,
          action,
          policies,
          state: { ...state, note: state.paused ? state.note : note },
        };
      });
    } catch (error) {
      throw refusedCron(error, cadence ?? {});
    }
    return false;
  }

  /** Undefined if no dataflow of that name has one. */
  async of(name: string): Promise<ScheduledDataflow | undefined> {
    try {
      const description = await this.client.schedule.getHandle(name).describe();
      const { action, info } = description;
      if (!isADataflows(description)) return undefined;
      return {
        schedule: scheduleOf(description),
        spec: action.args?.[0],
        running: info.runningActions.map(({ workflow }) => workflow.workflowId),
      };
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  }

  /** Those that start dataflows, by name. */
  async all(): Promise<Map<string, DataflowSchedule>> {
    const all = new Map<string, DataflowSchedule>();
    for await (const summary of this.client.schedule.list())
      if (isADataflows(summary)) {
        const { scheduleId, state, info, spec } = summary;
        all.set(scheduleId, scheduleOf({ state, info, ...(spec && { spec }) }));
      }
    return all;
  }

  // Each is true if a dataflow has one of that name.

  /** @param note left out: what was said when it was paused before, if it is, stays */
  pause(name: string, note?: string): Promise<boolean> {
    const schedule = this.client.schedule.getHandle(name);
    return ifThere(schedule, async ({ state }) => {
      if (note === undefined && state.paused) return;
      await schedule.pause(note ?? 'Paused');
    });
  }

  /** @param note left out: it reads as when it was made */
  resume(name: string, note?: string): Promise<boolean> {
    const schedule = this.client.schedule.getHandle(name);
    return ifThere(schedule, async ({ state, action }) => {
      if (note === undefined && !state.paused) return;
      await schedule.unpause(note ?? (action.staticSummary ? noteOf(action.staticSummary) : 'Resumed'));
    });
  }

  delete(name: string): Promise<boolean> {
    const schedule = this.client.schedule.getHandle(name);
    return ifThere(schedule, () => schedule.delete());
  }
}
