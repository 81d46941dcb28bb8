// `pinterest-ads pause`: holds the schedule, and the run that is on.
import { Command } from 'commander';
import { answer, withJson, type JsonOption } from '../answer.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

type Options = JsonOption & { note?: string };

export const pauseCommand = (): Command =>
  withJson(new Command('pause'))
    .description("Pauses a dataflow's schedule, and the run that is on at its next chunk boundary.")
    .argument('<name>', 'the dataflow')
    .option('--note <text>', 'why, for those who look at it')
    .addHelpText('after', TEMPORAL_HELP)
    .action(async (name: string, { json, note }: Options) => {
      await withClient((client) => client.pause(name, note));
      answer(
        json,
        { name, paused: true },
        `${name} is paused. It goes on by: npx pinterest-ads resume ${name}`,
      );
    });
