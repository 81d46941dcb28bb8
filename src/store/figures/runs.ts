// The runs of a dataflow: the newest one by one, and what they did day by day.
import { addDays, dateOf, type DateOnly, type DateRange } from '../../dataflow/dates.js';
import type { RunStatus } from '../../dataflow/flow-run.js';
import { epochDay, epochMs, fromDay, fromDayOrNull, fromMs } from '../sql/rows.js';
import type { Row } from '../sql/session.js';
import { tableIn, textOrNull, type DataflowSchema } from './schema.js';

export interface RunFigures {
  adAccountId: string;
  status: RunStatus;
  startedAtMs: number;
  completedAtMs: number;
  window: DateRange | null;
  inputRows: number;
  outputRows: number;
  rejectedRows: number;
  calls: number;
  restatedCells: number;
  restatedRows: number;
  errors: number;
  firstError: string | null;
}

/** All runs that began on one day (UTC). */
export interface RunDay {
  date: DateOnly;
  runs: number;
  calls: { analytics: number; reports: number; catalogue: number; other: number; retried: number };
  restatedCells: number;
  restatedRows: number;
  /** How many days lay between the run and the oldest date whose numbers had changed; null if none had. */
  oldestChangedAge: number | null;
}

export interface Runs {
  count: number;
  /** The newest first, 200 at most. */
  listed: RunFigures[];
  /** By date, of the last 186 days that there are runs of. */
  days: RunDay[];
}

const MOST_LISTED = 200;
const DAYS_BACK = 186;

const runOf = (row: Row): RunFigures => {
  const [from, to] = [fromDayOrNull(row['window_from']), fromDayOrNull(row['window_to'])];
  return {
    adAccountId: String(row['ad_account_id']),
    status: row['status'] as RunStatus,
    startedAtMs: fromMs(row['started']),
    completedAtMs: fromMs(row['completed']),
    window: from !== null && to !== null ? { from, to } : null,
    inputRows: Number(row['input_rows']),
    outputRows: Number(row['output_rows']),
    rejectedRows: Number(row['rejected_rows']),
    calls: Number(row['total_calls']),
    restatedCells: Number(row['restated_cells']),
    restatedRows: Number(row['restated_rows']),
    errors: Number(row['error_count']),
    firstError: textOrNull(row['first_error_message']),
  };
};

const dayOf = (row: Row): RunDay => {
  const number = (name: string): number => Number(row[name] ?? 0);
  return {
    date: fromDay(row['day']),
    runs: number('runs'),
    calls: {
      analytics: number('analytics_calls'),
      reports: number('report_calls'),
      catalogue: number('catalogue_calls'),
      other: number('other_calls'),
      retried: number('retried_calls'),
    },
    restatedCells: number('restated_cells'),
    restatedRows: number('restated_rows'),
    oldestChangedAge: row['oldest_changed_age'] === null ? null : number('oldest_changed_age'),
  };
};

const ADDED = [
  'analytics_calls',
  'report_calls',
  'catalogue_calls',
  'other_calls',
  'retried_calls',
  'restated_cells',
  'restated_rows',
];

export const readRuns = async (schema: DataflowSchema): Promise<Runs> => {
  const { session } = schema;
  const runs = tableIn(schema, 'runs');
  const listed = await session.all(
    `SELECT ad_account_id, status, ${epochMs('started')} AS started, ${epochMs('completed')} AS completed,
       ${epochDay('window_from')} AS window_from, ${epochDay('window_to')} AS window_to, input_rows, output_rows, rejected_rows,
       total_calls, restated_cells, restated_rows, error_count, first_error_message
     FROM ${runs} ORDER BY started DESC, id LIMIT ${MOST_LISTED}`,
  );
  const counted = await session.one(`SELECT count(*) AS count FROM ${runs}`);
  const newest = listed[0];
  if (!newest) return { count: 0, listed: [], days: [] };
  const since = addDays(dateOf(fromMs(newest['started'])), 1 - DAYS_BACK);
  const started = 'started::DATE';
  const days = await session.all(
    `SELECT ${epochDay(started)} AS day, count(*) AS runs, ${ADDED.map((name) => `sum(${name}) AS ${name}`).join(', ')},
       max(CASE WHEN restated_rows > 0 THEN ${started} - oldest_date_restated END) AS oldest_changed_age
     FROM ${runs} WHERE started >= DATE '${since}' GROUP BY ${started} ORDER BY ${started}`,
  );
  return { count: Number(counted!['count']), listed: listed.map(runOf), days: days.map(dayOf) };
};
