// One chunk's commit: its cells replaced, rejected rows kept, coverage advanced, all in one transaction.
import type { Granularity } from '../../dataflow/chunk.js';
import { storeName, type MetricColumn } from '../../dataflow/columns.js';
import {
  advance,
  ALL,
  type CoverageRow,
  type CoverageStamp,
  type KnownObject,
  type ScopeRange,
} from '../../dataflow/coverage.js';
import { mergeFinal } from '../../dataflow/merge-final.js';
import type { DateOnly, DateRange } from '../../dataflow/dates.js';
import { factsOf, isListed, tableOf, type Dataset } from '../../dataflow/object-types.js';
import { contains, hull } from '../../dataflow/ranges.js';
import type { Replacement } from '../../dataflow/replace.js';
import type { StagedAnswer } from '../../loading/staging.js';
import type { DataflowAccount } from '../dataflow-account.js';
import { literal, quote } from '../../engine/sql-text.js';
import { between, CellRanges } from './cell-ranges.js';
import { cellsLock, readCoverage, writeCoverage } from './coverage.js';
import { keepReportTime } from './report-times.js';
import { epochDay, fromDayOrNull, time } from './rows.js';
import type { Session } from './session.js';

export interface ChunkCommit {
  account: DataflowAccount;
  dataset: Dataset;
  granularity: Granularity;
  restateDays: number;
  /** The wanted objects; null if the catalogue has not been read. */
  objects: readonly KnownObject[] | null;
  /** What was asked for before this is of an earlier run. */
  freshSinceMs: number;
  metrics: readonly MetricColumn[];
  staged: StagedAnswer;
  stamp: CoverageStamp;
  /** Whole periods that the chunk asked for: a rejected row spoils the one it belongs to. */
  periods: readonly DateRange[];
  /** Called inside the lock with what the store holds then. */
  settle(coverage: readonly CoverageRow[]): Replacement;
  /** For `rejected_rows`: which chunk a row came with. */
  chunk: string;
  runId: string;
  /** Of a report: how long it is noted to have taken. */
  reportTookMs?: number;
}

export interface CommitResult {
  /** Rows that stand in the store now because of this commit. */
  rows: number;
  rejectedRows: number;
  /** The answer left cells of its own chunk stale: asking again may not help either. */
  stillStale: boolean;
  restated: { cells: number; rowsChanged: number; oldestDateChanged: DateOnly | null };
}

/** What a commit that changed nothing comes to. */
export const NOTHING_COMMITTED: CommitResult = {
  rows: 0,
  rejectedRows: 0,
  stillStale: false,
  restated: { cells: 0, rowsChanged: 0, oldestDateChanged: null },
};

/** Rejected cells beyond this are not kept apart: then no cell of the chunk is noted as complete. */
const MOST_REJECTED_CELLS = 5_000;

/** What the steps of one commit share. */
interface Context {
  session: Session;
  commit: ChunkCommit;
  replacement: Replacement;
  /** The analytics table, quoted. */
  target: string;
  /** The column of the object's own id there, quoted. */
  idColumn: string;
  /** SQL for "and `t`, a row of the target, is of the breakdown"; nothing if there is none. */
  ofBreakdown: string;
  /** What to write behind FROM for the answer's rows and misfits; null if there are none. */
  rows: string | null;
  rejects: string | null;
  /** SQL for "this row is a cell that the commit replaces". */
  chosen: (id: string, date: string) => string;
}

const stagedOrNull = (
  session: Session,
  name: string,
  [first, ...others]: readonly string[],
): Promise<string> | null => (first === undefined ? null : session.staged(name, [first, ...others]));

export const commitChunk = (session: Session, commit: ChunkCommit): Promise<CommitResult> =>
  session.transaction(async () => {
    const { account, dataset, staged, stamp } = commit;
    await session.makeRoomFor(commit.metrics.length);
    // Before the lock: others need not wait while rows are on their way.
    const rows = await stagedOrNull(session, 'staged_rows', staged.rowFiles);
    const rejects = await stagedOrNull(session, 'staged_rejects', staged.rejectFiles);
    await session.lock(cellsLock(account, dataset));
    const coverage = await readCoverage(session, account, dataset);
    const replacement = commit.settle(coverage);
    if (replacement.include.length === 0) return NOTHING_COMMITTED;

    const total = commit.granularity === 'TOTAL';
    const include = await CellRanges.of(session, 'include_cells', replacement.include, total);
    const exclude = await CellRanges.of(session, 'exclude_cells', replacement.exclude, total);
    // By it the database finds the rows to look at; the cells alone are no condition for an index.
    const span = hull(replacement.include);
    const { idColumn } = factsOf(dataset.objectType);
    const context: Context = {
      session,
      commit,
      replacement,
      target: session.table(account.dataflow, tableOf(dataset)),
      idColumn: quote(storeName(idColumn)),
      // Breakdowns share a table.
      ofBreakdown:
        dataset.breakdown === undefined ? '' : `AND t.targeting_type = ${literal(dataset.breakdown)}`,
      rows,
      rejects,
      chosen: (id, date) =>
        `${between(date, span)} AND ${include.has(id, date)} AND NOT ${exclude.has(id, date)}`,
    };
    const restated = await compareReread(context);
    const inserted = await replaceRows(context);
    await keepRejectedRows(context);
    const incomplete = await incompleteCells(context);
    const advanced = advance(coverage, replacement.include, incomplete, stamp, commit);
    const after = mergeFinal(advanced, commit, commit.objects);
    await writeCoverage(session, account, dataset, coverage, after);
    if (commit.reportTookMs !== undefined)
      await keepReportTime(session, account.dataflow, commit, commit.reportTookMs, stamp.askedForMs);
    const stillStale = commit.settle(after).include.length > 0;
    return { rows: inserted, rejectedRows: staged.rejectedRows, stillStale, restated };
  });

/** Rows of cells read again whose values changed, came or went. */
const compareReread = async (context: Context): Promise<CommitResult['restated']> => {
  const { session, commit, target, idColumn, ofBreakdown, rows, chosen } = context;
  const { reread } = context.replacement;
  const { granularity, metrics, account, dataset } = commit;
  if (reread.cells === 0) return NOTHING_COMMITTED.restated;
  const again = await CellRanges.of(session, 'reread_cells', reread.ranges, granularity === 'TOTAL');
  const cell = [
    'date',
    ...(granularity === 'HOUR' ? ['hour'] : []),
    ...(dataset.breakdown === undefined ? [] : ['targeting_value']),
  ];
  const held = new Set(reread.columns);
  const values = metrics.filter(({ name }) => held.has(name)).map(({ name }) => quote(storeName(name)));
  const columnsOf = (row: string): string =>
    [...cell, ...values].map((column) => `${row}.${column}`).join(', ');
  const before = `SELECT true AS is_there, t.${idColumn} AS object_id, ${columnsOf('t')} FROM ${target} t
    WHERE t.ad_account_id = $1 ${ofBreakdown} AND ${again.has(`t.${idColumn}`, 't.date')} AND ${chosen(`t.${idColumn}`, 't.date')}`;
  const now =
    rows === null
      ? 'SELECT * FROM before WHERE false'
      : `SELECT true AS is_there, r.object_id, ${columnsOf('r')} FROM ${rows} r
         WHERE ${again.has('r.object_id', 'r.date')} AND ${chosen('r.object_id', 'r.date')}`;
  const all = (row: string): string =>
    `(${['is_there', ...values].map((column) => `${row}.${column}`).join(', ')})`;
  // Rows of one cell meet by a join on a few columns; sets of whole rows take more than twice the time.
  const row = await session.one(
    `WITH before AS (${before}), now AS (${now})
     SELECT count(*)::INTEGER AS changed, ${epochDay('min(date)')} AS oldest
     FROM before FULL JOIN now USING (object_id, ${cell.join(', ')})
     WHERE ${all('before')} IS DISTINCT FROM ${all('now')}`,
    [account.adAccountId],
  );
  return {
    cells: reread.cells,
    rowsChanged: row!['changed'] as number,
    oldestDateChanged: fromDayOrNull(row!['oldest']),
  };
};

/** Deletes the chunk's cells and inserts what came; answers with how many rows did. */
const replaceRows = async (context: Context): Promise<number> => {
  const { session, commit, target, idColumn, ofBreakdown, rows, chosen } = context;
  const { account, granularity, metrics, stamp } = commit;
  const { objectType, breakdown } = commit.dataset;
  await session.run(
    `DELETE FROM ${target} AS t WHERE t.ad_account_id = $1 ${ofBreakdown} AND ${chosen(`t.${idColumn}`, 't.date')}`,
    [account.adAccountId],
  );
  if (rows === null) return 0;
  const parents = factsOf(objectType).parents.map((parent) => quote(storeName(parent)));
  const plain = [...(granularity === 'HOUR' ? ['hour'] : []), ...metrics.map(({ name }) => storeName(name))];
  const inserted: [column: string, value: string][] = [
    ['ad_account_id', '$1::TEXT'],
    // Where a row does not say what it belongs to, the catalogue does.
    ...parents.map((parent): [string, string] => [parent, `coalesce(r.${parent}, known.${parent})`]),
    // The ad account's own id is there already.
    ...(isListed(objectType) ? [[idColumn, 'r.object_id'] as [string, string]] : []),
    ...(breakdown === undefined
      ? []
      : ([
          ['targeting_type', literal(breakdown)],
          ['targeting_value', 'r.targeting_value'],
        ] as [string, string][])),
    ['date', 'r.date'],
    ...plain.map((name): [string, string] => [quote(name), `r.${quote(name)}`]),
    ['_loaded_at', '$2::TIMESTAMP'],
  ];
  const join =
    parents.length > 0
      ? `LEFT JOIN ${session.table(account.dataflow, objectType)} known ON known.ad_account_id = $1 AND known.id = r.object_id`
      : '';
  return session.run(
    `INSERT INTO ${target} (${inserted.map(([column]) => column).join(', ')})
     SELECT ${inserted.map(([, value]) => value).join(', ')} FROM ${rows} r ${join} WHERE ${chosen('r.object_id', 'r.date')}`,
    [account.adAccountId, time(stamp.askedForMs)],
  );
};

/** Replaces what was rejected before of the same cells, or of the same chunk if the cell is not known. */
const keepRejectedRows = async ({ session, commit, rejects, chosen }: Context): Promise<void> => {
  const { account, chunk, runId, stamp } = commit;
  const { objectType, breakdown = null } = commit.dataset;
  const table = session.table(account.dataflow, 'rejected_rows');
  await session.run(
    `DELETE FROM ${table} AS t WHERE t.ad_account_id = $1 AND t.object_type = $2
     AND t.breakdown IS NOT DISTINCT FROM $4::TEXT AND ((t.object_id IS NOT NULL AND t.date IS NOT NULL AND ${chosen('t.object_id', 't.date')}) OR t.chunk = $3)`,
    [account.adAccountId, objectType, chunk, breakdown],
  );
  if (rejects === null) return;
  await session.run(
    `INSERT INTO ${table} (ad_account_id, object_type, breakdown, object_id, date, raw, reason, chunk, run_id, rejected_at)
     SELECT $1::TEXT, $2::TEXT, $6::TEXT, r.object_id, r.date, r.raw, r.reason, $3::TEXT, $4::TEXT, $5::TIMESTAMP
     FROM ${rejects} r WHERE r.reason IS NOT NULL`,
    [account.adAccountId, objectType, chunk, runId, time(stamp.askedForMs), breakdown],
  );
};

/** Cells of rejected rows, as whole periods under the scope they belong to. */
const incompleteCells = async ({ session, commit, replacement, rejects }: Context): Promise<ScopeRange[]> => {
  const { include } = replacement;
  if (rejects === null) return [];
  const cells = await session.all(
    `SELECT DISTINCT r.object_id AS id, ${epochDay('r.date')} AS day FROM ${rejects} r
     LIMIT ${MOST_REJECTED_CELLS + 1}`,
  );
  if (cells.length > MOST_REJECTED_CELLS) return [...include];
  const everyone = include.filter(({ scope }) => scope === ALL);
  return cells.flatMap((cell) => {
    const id = cell['id'] as string | null;
    const date = fromDayOrNull(cell['day']);
    // An id may be included by itself on some dates and under `*` on others.
    const own = include.filter(({ scope }) => scope === id);
    const concerned =
      id === null ? [...include] : [...own, ...everyone.map((range) => ({ ...range, scope: id }))];
    if (date === null) return concerned;
    const period = commit.periods.find(({ from, to }) => from <= date && date <= to);
    if (!period) return [];
    return concerned.filter((range) => contains(range, period)).map(({ scope }) => ({ ...period, scope }));
  });
};
