// `pinterest-ads delete`: a dataflow's schedule, and what the store holds of it if that is said.
import { Command } from 'commander';
import { answer, withJson, type JsonOption } from '../answer.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

type Options = JsonOption & { data: boolean };

const run = async (name: string, { json, data }: Options): Promise<void> => {
  const deleted = await withClient((client) => client.delete(name, { data }));
  const there = (what: string, was: boolean): string => `${what} ${was ? 'is deleted' : 'was not there'}`;
  const told = `${there('The schedule', deleted.schedule)}; ${data ? there('the data', deleted.data) : 'the data stays'}.`;
  answer(json, deleted, told);
};

export const deleteCommand = (): Command =>
  withJson(new Command('delete'))
    .description(
      "Deletes a dataflow's schedule. A run that is on goes on; data stays unless --data is given.",
    )
    .argument('<name>', 'the dataflow')
    .option('--data', 'also everything that the store holds of it', false)
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
