// `pinterest-ads reconcile`: what the store adds up to, against Pinterest's own totals.
import Table from 'cli-table3';
import { Command } from 'commander';
import type { Check, Reconciliation } from '../../dataflow/reconcile/reconciliation.js';
import { differ } from '../../dataflow/reconcile/differences.js';
import { answer, withJson, type JsonOption } from '../answer.js';
import { listOf, TEMPORAL_HELP, withClient } from '../with-client.js';

interface Options extends JsonOption {
  account?: string;
  from?: string;
  to?: string;
  columns?: string[];
  repair: boolean;
}

const HELP = `
Few calls: a TOTAL for each 250 objects, and one for the ad account. Where one differs, its dates are looked at.
  wrong        one cell explains it, and it was final when it was read
  restated     Pinterest has revised the cell since it was read; the next run brings it
  unexplained  no cell of the store does
Exit code 1 if it differs.`;

const SHOWN = 20;

const differs = ({ store, pinterest }: Check): boolean => differ(store, pinterest);

const inWords = (found: Reconciliation): string => {
  const { status, adAccountId, window, checks, differences, differencesNotListed = 0, notCompared } = found;
  const calls = `${found.apiCalls} API calls`;
  const about = `ad account ${adAccountId}, ${window.from} to ${window.to}`;
  const whole = notCompared.filter(({ column }) => column === '*').map(({ why }) => `Not compared: ${why}`);
  const same = checks.filter((check) => !differs(check)).length;
  const lines = [`${status}: ${about}; ${same} of ${checks.length} sums are the same (${calls})`, ...whole];
  if (differences.length === 0) return lines.join('\n');
  const table = new Table({
    head: ['', 'object', 'id', 'dates', 'column', 'store', 'Pinterest'],
    style: { head: [] },
  });
  for (const one of differences.slice(0, SHOWN)) {
    const dates = one.from === one.to ? one.from : `${one.from} – ${one.to}`;
    table.push([one.kind, one.objectType, one.id, dates, one.column, one.store, one.pinterest]);
  }
  const more = differences.length + differencesNotListed - SHOWN;
  return [...lines, table.toString(), ...(more > 0 ? [`and ${more} more`] : [])].join('\n');
};

const run = async (name: string, { account, json, ...options }: Options): Promise<void> => {
  const question = { ...options, ...(account !== undefined && { adAccountId: account }) };
  const found = await withClient((client) => client.reconcile(name, question));
  answer(json, found, inWords(found));
  if (found.status === 'differs') process.exitCode = 1;
};

export const reconcileCommand = (): Command =>
  withJson(new Command('reconcile'))
    .description(
      "Compares what the store adds up to with Pinterest's own totals, and mends it if you say so.",
    )
    .argument('<name>', 'the dataflow')
    .option('--account <id>', 'the ad account, if the dataflow has several')
    .option('--from <date>', 'YYYY-MM-DD')
    .option('--to <date>', 'YYYY-MM-DD')
    .option('--columns <names>', 'some of its columns, with commas', listOf)
    .option('--repair', 'read again the cells that differ', false)
    .addHelpText('after', HELP)
    .addHelpText('after', TEMPORAL_HELP)
    .action(run);
