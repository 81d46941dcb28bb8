// `pinterest-ads resume`: the schedule goes on, and the run that was paused.
import { Command } from 'commander';
import { answer, withJson, type JsonOption } from '../answer.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

type Options = JsonOption & { note?: string };

export const resumeCommand = (): Command =>
  withJson(new Command('resume'))
    .description("Resumes a dataflow's schedule, and the run that was paused.")
    .argument('<name>', 'the dataflow')
    .option('--note <text>', 'for those who look at it')
    .addHelpText('after', TEMPORAL_HELP)
    .action(async (name: string, { json, note }: Options) => {
      await withClient((client) => client.resume(name, note));
      answer(json, { name, paused: false }, `${name} goes on.`);
    });
