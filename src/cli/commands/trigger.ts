// `pinterest-ads trigger`: a run now.
import { Command, InvalidArgumentError } from 'commander';
import { WorkflowFailedError } from '@temporalio/client';
import { isDate, type DateRange } from '../../dataflow/dates.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

type Options = JsonOption & { window?: DateRange; wait: boolean };

const windowOf = (text: string): DateRange => {
  const [from = '', to = ''] = text.split('..');
  if (isDate(from) && isDate(to)) return { from, to };
  throw new InvalidArgumentError('Two dates are needed: 2026-05-01..2026-05-31.');
};

const run = async (name: string, { json, window, wait }: Options): Promise<void> =>
  withClient(async (client) => {
    const run = await client.trigger(name, window ? { window } : {});
    const { workflowId } = run;
    if (!wait) return answer(json, { workflowId }, `The run ${workflowId} is on.`);
    try {
      const record = await run.result();
      answer(json, { workflowId, record }, `The run ${workflowId} ended: ${record.status}.`);
      if (record.status !== 'success') process.exitCode = 1;
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const message = error.cause?.message ?? error.message;
      answer(json, { workflowId, error: message }, `The run ${workflowId} failed: ${message}`);
      process.exitCode = 1;
    }
  });

export const triggerCommand = (): Command =>
  withJson(new Command('trigger'))
    .description('Runs a dataflow now; a run that is on is joined.')
    .argument('<name>', 'the dataflow')
    .option('--window <dates>', 'instead, exactly these dates, read again: 2026-05-01..2026-05-31', windowOf)
    .option('--wait', 'until it has ended; exit code 0 only for a success', false)
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
