// `pinterest-ads preview`: the newest rows that a spec would bring.
import { Command } from 'commander';
import type { PreviewAnswer } from '../../client.js';
import { readSpec } from '../../start/read-spec.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { table } from '../table.js';
import { TEMPORAL_HELP, withClient } from '../with-client.js';

/** More do not fit side by side. */
const COLUMNS_SHOWN = 8;

const words = ({ objectType, window, columns, rows, mapped = [], problems = [] }: PreviewAnswer): string => {
  const shown = columns.map(({ name }) => name).filter((name) => name !== 'ad_account_id');
  const left = shown.slice(COLUMNS_SHOWN);
  return [
    `${rows.length} rows of ${objectType}, ${window.from} to ${window.to}`,
    table(
      shown.slice(0, COLUMNS_SHOWN),
      rows.map((row) => shown.slice(0, COLUMNS_SHOWN).map((name) => row[name])),
    ),
    ...(left.length > 0 ? [`and ${left.join(', ')} (all of them with --json)`] : []),
    ...mapped.flatMap(({ target, rows, problem }) => [
      `As the mapping of ${target} sends them:`,
      ...rows.map((row) => JSON.stringify(row)),
      ...(problem === undefined ? [] : [problem]),
    ]),
    ...problems.map(({ code, message }) => `${code}: ${message}`),
  ].join('\n');
};

const run = async (file: string, { json }: JsonOption): Promise<void> => {
  const rows = await withClient((client) => client.preview(readSpec(file)));
  answer(json, rows, words(rows));
  if (rows.problems || rows.mapped?.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
};

export const previewCommand = (): Command =>
  withJson(new Command('preview'))
    .description('Shows the newest rows that a spec would bring: two API calls, and nothing is written.')
    .argument('<spec>', 'the dataflow spec, a JSON file')
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
