// `pinterest-ads status`: how a dataflow stands.
import { Command } from 'commander';
import type { DataflowStatus } from '../../client.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { stateOf, staleOf } from '../freshness-words.js';
import { table, time } from '../table.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

const scheduleOf = ({ schedule }: DataflowStatus): string => {
  if (!schedule) return 'none';
  if (schedule.paused) return `${schedule.cadence}, paused: ${schedule.note}`;
  return `${schedule.cadence}, next ${time(schedule.nextRunAt)}`;
};

const lastRunOf = ({ lastRun }: DataflowStatus): string[] =>
  lastRun
    ? [
        `last run   ${lastRun.status}, ${time(lastRun.durationSummary.completedAtUTC)}, ${lastRun.apiCalls.total} API calls`,
        ...lastRun.statusSummary.errors.map(({ code, message }) => `           ${code}: ${message}`),
      ]
    : ['last run   none'];

const words = (status: DataflowStatus): string =>
  [
    `dataflow   ${status.name}`,
    `schedule   ${scheduleOf(status)}`,
    `running    ${status.running ?? 'nothing'}`,
    ...lastRunOf(status),
    table(
      ['ad account', 'table', 'from', 'how current', 'stale'],
      status.coverage.map((one) => [
        one.adAccountId,
        one.breakdown ? `${one.objectType} by ${one.breakdown}` : one.objectType,
        one.from,
        stateOf(one),
        staleOf(one),
      ]),
    ),
    'final: no run reads it again; provisional: read today, and again by each run, since Pinterest may still revise it;',
    'stale: missing, or not as of today: the next run reads it.',
  ].join('\n');

const run = async (name: string, { json }: JsonOption): Promise<void> => {
  const status = await withClient((client) => client.status(name));
  answer(json, status, words(status));
};

export const statusCommand = (): Command =>
  withJson(new Command('status'))
    .description('Says how a dataflow stands: its schedule, what runs, its last run, how far it is current.')
    .argument('<name>', 'the dataflow')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
