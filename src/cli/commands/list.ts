// `pinterest-ads list`: every dataflow.
import { Command } from 'commander';
import { answer, withJson, type JsonOption } from '../answer.js';
import { table, time } from '../table.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

const run = async ({ json }: JsonOption): Promise<void> => {
  const all = await withClient((client) => client.list());
  const rows = all.map(({ name, schedule, running, lastRun }) => [
    name,
    schedule && (schedule.paused ? `paused: ${schedule.note}` : schedule.cadence),
    time(schedule?.nextRunAt ?? null),
    running,
    lastRun && `${lastRun.status}, ${time(lastRun.completedAt)}`,
  ]);
  answer(json, all, table(['dataflow', 'schedule', 'next run', 'running', 'last run'], rows));
};

export const listCommand = (): Command =>
  withJson(new Command('list'))
    .description('Lists every dataflow that has a schedule, or of which the store holds something.')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
