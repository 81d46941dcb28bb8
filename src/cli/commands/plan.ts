// `pinterest-ads plan`: what a spec would cost.
import { Command } from 'commander';
import type { DryRun } from '../../client.js';
import { readSpec } from '../../start/read-spec.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { table } from '../table.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

const CHUNKS_SHOWN = 30;

const words = ({
  window,
  chunks,
  apiCalls,
  rows,
  daysAtQuota,
  notices = [],
  errors = [],
}: DryRun): string => {
  const { total, ...kinds } = apiCalls;
  const ids = (chunk: DryRun['chunks'][number]): string =>
    typeof chunk.ids === 'string' ? chunk.ids : `${chunk.ids.length} ids`;
  return [
    `${window.from} to ${window.to}: ${total} API calls (${Object.entries(kinds)
      .map(([kind, calls]) => `${calls} ${kind}`)
      .join(', ')}), at most ${rows} rows, ${daysAtQuota} days at the worker's quota`,
    table(
      ['table', 'method', 'ids', 'from', 'to', 'calls', 'rows at most'],
      chunks
        .slice(0, CHUNKS_SHOWN)
        .map((one) => [one.objectType, one.method, ids(one), one.from, one.to, one.apiCalls, one.rows]),
    ),
    ...(chunks.length > CHUNKS_SHOWN ? [`and ${chunks.length - CHUNKS_SHOWN} more chunks`] : []),
    ...[...notices, ...errors].map(({ code, message }) => `${code}: ${message}`),
  ].join('\n');
};

const run = async (file: string, { json }: JsonOption): Promise<void> => {
  const plan = await withClient((client) => client.plan(readSpec(file)));
  answer(json, plan, words(plan));
  if (plan.errors?.length) process.exitCode = 1;
};

export const planCommand = (): Command =>
  withJson(new Command('plan'))
    .description(
      'Says what a spec would cost, new or changed: the calls for what the store does not hold yet.',
    )
    .argument('<spec>', 'the dataflow spec, a JSON file')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
