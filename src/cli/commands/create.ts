// `pinterest-ads create`: a dataflow's schedule, made or brought up to date.
import { Command } from 'commander';
import type { Cadence } from '../../client.js';
import { readSpec } from '../../start/read-spec.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { cadenceOf, TEMPORAL_HELP, withCadence, withClient } from '../with-client.js';

type Options = JsonOption & Cadence & { now: boolean };

const run = async (file: string, { json, now, ...options }: Options): Promise<void> => {
  const schedule = cadenceOf(options);
  const { name, created, run } = await withClient((client) =>
    client.create(readSpec(file), { runNow: now, ...(schedule && { schedule }) }),
  );
  const workflowId = run?.workflowId ?? null;
  answer(
    json,
    { name, created, workflowId },
    `${created ? 'Made' : 'Brought up to date'}: the schedule ${name}.` +
      (workflowId === null ? '' : ` A run is on: ${workflowId} (npx pinterest-ads status ${name}).`),
  );
};

const EXAMPLES = `
Examples:
  npx pinterest-ads create my-dataflow.json --now                       daily, and once now
  npx pinterest-ads create my-dataflow.json --at 06:30 --timezone Europe/Berlin
  npx pinterest-ads create my-dataflow.json --every 6h`;

export const createCommand = (): Command =>
  withCadence(withJson(new Command('create')))
    .description('Makes the schedule of a dataflow, or brings it up to date with another spec or cadence.')
    .argument('<spec>', 'the dataflow spec, a JSON file')
    .option('--now', 'start a run at once', false)
    .addHelpText('after', EXAMPLES)
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
