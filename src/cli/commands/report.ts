// `pinterest-ads report`: a dataflow as an HTML page, read from the store.
import { resolve } from 'node:path';
import { Command } from 'commander';
import { readReportSettings } from '../../settings.js';
import { writeReport } from '../../write-report.js';
import { answer, withJson, type JsonOption } from '../answer.js';

const HELP = `
One file without scripts, which needs no network: which dates are final, numbers by day, breakdowns, what Pinterest revised,
API calls, runs, rejected rows. The store is only read; neither Temporal nor a worker is asked.

Environment:
  STORE_URL         duckdb:PATH (default duckdb:data/pinterest-ads.duckdb) or postgres://…
  PINTEREST_QUOTA   the budget that calls are compared with (default 1000/1d)

Example:
  npx pinterest-ads report acme-ads --out acme.html`;

const run = async (name: string, { out, json }: JsonOption & { out?: string }): Promise<void> => {
  const written = await writeReport(name, readReportSettings(), out === undefined ? undefined : resolve(out));
  answer(json, written, `${written.file} (${Math.ceil(written.bytes / 1000)} kB)`);
};

export const reportCommand = (): Command =>
  withJson(new Command('report'))
    .description('Writes a report of a dataflow: one HTML file, read from the store.')
    .argument('<name>', 'the dataflow')
    .option('--out <file>', 'where to (default: NAME-report.html beside the store)')
    .addHelpText('after', HELP)
    .action(run);
