// The end of a run, as a person checks it.
import Table from 'cli-table3';
import { schemaName } from '../store/store.js';
import type { FlowRun } from '../dataflow/flow-run.js';
import { daysIn } from '../dataflow/dates.js';
import { factsOf, type ObjectType } from '../dataflow/object-types.js';
import { count, duration, megabytes, plural } from './format.js';

export interface SummaryFacts {
  dataflow: string;
  /** Where the store is: a path, or a URL without its password. */
  store: string;
  /** Rows in the store because of this run, by object type. */
  rows: Record<string, number>;
  elapsedMs: number;
  simulated: boolean;
  /** How to look at the run again. */
  look: string;
}

const table = (head: string[], rows: (string | number)[][]): string => {
  const drawn = new Table({
    head,
    style: { head: [], border: [], compact: true },
    colAligns: head.map((_, column) => (column === 0 ? 'left' : 'right')),
  });
  drawn.push(...rows);
  return drawn.toString();
};

export const summary = (run: FlowRun, facts: SummaryFacts): string => {
  const { apiCalls, window, restated, recordSummary, sizeSummary } = run;
  const schema = schemaName(facts.dataflow);
  const dates = window ? `${window.from} to ${window.to} (${plural(daysIn(window), 'date')})` : 'none';
  const types = Object.keys(facts.rows) as ObjectType[];
  const first = types[0] ?? 'campaigns';
  return [
    '',
    `${facts.dataflow}: ${run.status} in ${duration(facts.elapsedMs)}${facts.simulated ? ' (simulated numbers: no PINTEREST_ACCESS_TOKEN is set)' : ''}`,
    '',
    table(
      ['object type', 'table', 'rows'],
      types.map((type) => [type, `${schema}.${factsOf(type).analyticsTable}`, count(facts.rows[type] ?? 0)]),
    ),
    '',
    `Dates          ${dates}`,
    `API calls      ${count(apiCalls.total)}: ${apiCalls.analytics} analytics, ${apiCalls.reports} for reports, ${apiCalls.catalogue} catalogue, ${apiCalls.other} other; ${apiCalls.retried} of them retries`,
    `Rejected rows  ${count(recordSummary.failedRecordCount)} of ${count(recordSummary.inputRecordCount)}${recordSummary.failedRecordCount > 0 ? ` (SELECT raw, reason FROM ${schema}.rejected_rows)` : ''}`,
    `Read again     ${plural(restated.cells, 'cell')}, ${plural(restated.rowsChanged, 'row')} changed${restated.oldestDateChanged ? `, the oldest of ${restated.oldestDateChanged}` : ''}`,
    `Received       ${megabytes(sizeSummary.inputBytes)}`,
    `Store          ${facts.store}`,
    '',
    ...run.statusSummary.errors.map(({ code, message }) => `${code}: ${message}`),
    ...(run.statusSummary.errors.length > 0 ? [''] : []),
    'A query to try:',
    `  SELECT date, sum(spend_in_micro_dollar) / 1e6 AS spend, count(*) AS active FROM ${schema}.${factsOf(first).analyticsTable} GROUP BY date ORDER BY date DESC LIMIT 7;`,
    '',
    facts.look,
  ].join('\n');
};
