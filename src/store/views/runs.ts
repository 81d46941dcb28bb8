// The view `runs`: one column for each figure of a flow run's record.
import { FLOW_RUNS } from '../tables.js';
import { column, type Standing, type View } from './view.js';

const member = (path: string): string => {
  const keys = path.split('.');
  const last = keys.pop()!;
  return `((record::JSON)${keys.map((key) => `->'${key}'`).join('')}->>'${last}')`;
};
const whole = (name: string, path: string) => column(name, `${member(path)}::BIGINT`);
const date = (name: string, path: string) => column(name, `${member(path)}::DATE`);

const ERRORS = `(record::JSON)->'statusSummary'->'errors'`;

export const runsView = ({ table }: Standing): View => ({
  name: 'runs',
  columns: [
    ...['id', 'workflow_id', 'ad_account_id', 'status', 'started', 'completed'].map((name) => column(name)),
    column('seconds', 'extract(epoch FROM completed - started)::DOUBLE PRECISION'),
    date('window_from', 'window.from'),
    date('window_to', 'window.to'),
    whole('input_rows', 'recordSummary.inputRecordCount'),
    whole('output_rows', 'recordSummary.outputRecordCount'),
    whole('rejected_rows', 'recordSummary.failedRecordCount'),
    whole('input_bytes', 'sizeSummary.inputBytes'),
    whole('output_bytes', 'sizeSummary.outputBytes'),
    whole('analytics_calls', 'apiCalls.analytics'),
    whole('report_calls', 'apiCalls.reports'),
    whole('catalogue_calls', 'apiCalls.catalogue'),
    whole('other_calls', 'apiCalls.other'),
    whole('retried_calls', 'apiCalls.retried'),
    whole('total_calls', 'apiCalls.total'),
    whole('waited_for_quota_ms', 'waitedForQuotaMs'),
    whole('restated_cells', 'restated.cells'),
    whole('restated_rows', 'restated.rowsChanged'),
    date('oldest_date_restated', 'restated.oldestDateChanged'),
    column('error_count', `json_array_length(${ERRORS})::BIGINT`),
    column('first_error_code', `(${ERRORS}->0->>'code')`),
    column('first_error_message', `(${ERRORS}->0->>'message')`),
  ],
  from: table(FLOW_RUNS.name),
});
