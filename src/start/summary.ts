// The end of a run, as a person checks it.
import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure, TerminatedFailure } from '@temporalio/common';
import Table from 'cli-table3';
import { schemaName } from '../store/store.js';
import type { FlowRun, RunStatus } from '../dataflow/flow-run.js';
import { daysIn } from '../dataflow/dates.js';
import { datasetOfKey, tableOf } from '../dataflow/object-types.js';
import { count, plural } from '../number-words.js';
import { duration, megabytes } from './format.js';

export interface SummaryFacts {
  dataflow: string;
  /** Where the store is: a path, or a URL without its password. */
  store: string;
  /** Rows in the store because of this run, by object type. */
  rows: Record<string, number>;
  elapsedMs: number;
  simulated: boolean;
  /** The file of the dataflow's report, or why there is none. */
  report: string;
  /** Lines about what stands in a simulated Experience Platform now. */
  arrived: readonly string[];
  /** How to look at the run again. */
  look: string;
}

const MARKS: Readonly<Record<RunStatus, string>> = {
  success: '✔',
  'partial success': '⚠',
  failed: '✖',
  cancelled: '✖',
  skipped: '⚠',
};

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
  const told = [...run.statusSummary.errors, ...(run.statusSummary.notices ?? [])];
  const keys = Object.keys(facts.rows);
  const first = datasetOfKey(keys[0] ?? 'campaigns');
  return [
    '',
    `${MARKS[run.status]} ${facts.dataflow}: ${run.status} in ${duration(facts.elapsedMs)}`,
    ...(facts.simulated ? ['  (simulated numbers: no PINTEREST_ACCESS_TOKEN is set)'] : []),
    '',
    table(
      ['object type', 'table', 'rows'],
      keys.map((key) => [key, `${schema}.${tableOf(datasetOfKey(key))}`, count(facts.rows[key] ?? 0)]),
    ),
    '',
    `Dates          ${dates}`,
    `API calls      ${count(apiCalls.total)}, ${apiCalls.retried} of them retries:`,
    `               ${apiCalls.analytics} analytics, ${apiCalls.reports} for reports, ${apiCalls.catalogue} catalogue, ${apiCalls.other} other`,
    `Rejected rows  ${count(recordSummary.failedRecordCount)} of ${count(recordSummary.inputRecordCount)}${recordSummary.failedRecordCount > 0 ? ` (SELECT raw, reason FROM ${schema}.rejected_rows)` : ''}`,
    `Read again     ${plural(restated.cells, 'cell')}, ${plural(restated.rowsChanged, 'row')} changed${restated.oldestDateChanged ? `, the oldest of ${restated.oldestDateChanged}` : ''}`,
    `Received       ${megabytes(sizeSummary.inputBytes)}`,
    `Store          ${facts.store}`,
    `Report         ${facts.report}`,
    ...(run.deliveries ?? []).map(
      ({ target, partitions: { due, delivered }, rows }) =>
        `Delivered      ${count(rows)} rows to ${target}, ${delivered} of ${plural(due, 'week')} that ${due === 1 ? 'was' : 'were'} due`,
    ),
    ...facts.arrived,
    '',
    ...told.map(({ code, message }) => `${code}: ${message}`),
    ...(told.length > 0 ? [''] : []),
    'A query to try:',
    '',
    // Lines of its own, short of 80 columns: no terminal breaks them in the middle of a word.
    '  SELECT date, sum(spend_in_micro_dollar) / 1e6 AS spend, count(*) AS active',
    `  FROM ${schema}.${tableOf(first)}`,
    '  GROUP BY date ORDER BY date DESC LIMIT 7;',
    '',
    facts.look,
  ].join('\n');
};

/** The reason a run failed, in its own words. */
const reasonOf = (failed: WorkflowFailedError): string => {
  let at: Error = failed;
  while (at.cause instanceof Error && !(at instanceof ApplicationFailure)) at = at.cause;
  return at.message;
};

/** The end of a run that has no record to sum up. */
export const failure = (failed: WorkflowFailedError, dataflow: string, elapsedMs: number): string => {
  const { cause } = failed;
  const ended =
    cause instanceof CancelledFailure
      ? 'cancelled'
      : cause instanceof TerminatedFailure
        ? 'terminated'
        : 'failed';
  return `✖ ${dataflow}: ${ended} in ${duration(elapsedMs)}\n\n${reasonOf(failed)}`;
};
