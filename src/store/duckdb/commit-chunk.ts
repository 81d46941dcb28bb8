// One chunk's commit: its cells replaced, rejected rows kept, coverage advanced, all in one transaction.
import { ID_COLUMN, PARENT_COLUMNS, storeName } from '../../dataflow/columns.js';
import { advance, ALL, type ScopeRange } from '../../dataflow/coverage.js';
import { contains } from '../../dataflow/ranges.js';
import type { Replacement } from '../../dataflow/replace.js';
import { ANALYTICS_TABLE, NOTHING_COMMITTED, type ChunkCommit, type CommitResult } from '../store.js';
import { quote } from '../tables.js';
import { readCoverage, writeCoverage } from './coverage.js';
import type { Session } from './file.js';
import { insert, ms } from './rows.js';

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const fileList = (files: readonly string[]): string => `[${files.map(literal).join(', ')}]`;

/** Rejected cells beyond this are not kept apart: then no cell of the chunk is noted as complete. */
const MOST_REJECTED_CELLS = 5_000;

/** SQL for "this row is a cell of these ranges"; a temporary table holds the ranges of single ids. */
class Cells {
  private constructor(
    private readonly name: string,
    private readonly everyone: readonly ScopeRange[],
    private readonly some: boolean,
  ) {}

  static async of(
    session: Session,
    name: string,
    ranges: readonly ScopeRange[],
    total: boolean,
  ): Promise<Cells> {
    // A TOTAL's row stands at its window's last day; other windows of the store end on other days.
    const dated = total ? ranges.map((range) => ({ ...range, from: range.to })) : ranges;
    const byId = dated.filter(({ scope }) => scope !== ALL);
    await session.run(`CREATE OR REPLACE TEMP TABLE ${name} (scope TEXT, "from" DATE, "to" DATE)`);
    await insert(
      session,
      name,
      [
        { name: 'scope', type: 'TEXT' },
        { name: 'from', type: 'DATE' },
        { name: 'to', type: 'DATE' },
      ],
      byId.map(({ scope, from, to }) => [scope, from, to]),
    );
    return new Cells(
      name,
      dated.filter(({ scope }) => scope === ALL),
      byId.length > 0,
    );
  }

  has(id: string, date: string): string {
    const tests = this.everyone.map(({ from, to }) => `${date} BETWEEN DATE '${from}' AND DATE '${to}'`);
    if (this.some) {
      tests.push(
        `EXISTS (SELECT 1 FROM ${this.name} c WHERE c.scope = ${id} AND ${date} BETWEEN c."from" AND c."to")`,
      );
    }
    return tests.length === 0 ? 'false' : `(${tests.join(' OR ')})`;
  }
}

/** Cells of rejected rows, as whole periods under the scope they belong to. */
const incompleteCells = async (
  session: Session,
  { staged, periods }: ChunkCommit,
  include: readonly ScopeRange[],
): Promise<ScopeRange[]> => {
  if (staged.rejectedRows === 0) return [];
  const cells = await session.all(
    `SELECT DISTINCT object_id AS id, date::TEXT AS date FROM read_parquet(${fileList(staged.rejectFiles)})
     LIMIT ${MOST_REJECTED_CELLS + 1}`,
  );
  if (cells.length > MOST_REJECTED_CELLS) return [...include];
  const everyone = include.filter(({ scope }) => scope === ALL);
  return cells.flatMap((cell) => {
    const id = cell['id'] as string | null;
    const date = cell['date'] as string | null;
    // An id may be included by itself on some dates and under `*` on others.
    const own = include.filter(({ scope }) => scope === id);
    const concerned =
      id === null ? [...include] : [...own, ...everyone.map((range) => ({ ...range, scope: id }))];
    if (date === null) return concerned;
    const period = periods.find(({ from, to }) => from <= date && date <= to);
    if (!period) return [];
    return concerned.filter((range) => contains(range, period)).map(({ scope }) => ({ ...period, scope }));
  });
};

export const commitChunk = (session: Session, commit: ChunkCommit): Promise<CommitResult> =>
  session.transaction(async () => {
    const { place, objectType, staged, stamp, metrics } = commit;
    const coverage = await readCoverage(session, place, objectType);
    const replacement = commit.settle(coverage);
    if (replacement.include.length === 0) return NOTHING_COMMITTED;

    const target = session.table(place.dataflow, ANALYTICS_TABLE[objectType]);
    const idColumn = quote(storeName(ID_COLUMN[objectType]));
    const total = commit.granularity === 'TOTAL';
    const include = await Cells.of(session, 'include_cells', replacement.include, total);
    const exclude = await Cells.of(session, 'exclude_cells', replacement.exclude, total);
    const chosen = (id: string, date: string): string =>
      `${include.has(id, date)} AND NOT ${exclude.has(id, date)}`;
    const account = literal(place.adAccountId);

    const restated = await compareReread(session, commit, replacement, chosen);
    await session.run(
      `DELETE FROM ${target} AS t WHERE t.ad_account_id = ${account} AND ${chosen(`t.${idColumn}`, 't.date')}`,
    );
    let rows = 0;
    if (staged.rowFiles.length > 0) {
      const parents = PARENT_COLUMNS[objectType].map(storeName);
      const plain = [
        ...(commit.granularity === 'HOUR' ? ['hour'] : []),
        ...metrics.map(({ name }) => storeName(name)),
      ];
      const columns = [
        'ad_account_id',
        ...parents,
        storeName(ID_COLUMN[objectType]),
        'date',
        ...plain,
        '_loaded_at',
      ];
      const values = [
        account,
        // Where a row does not say what it belongs to, the catalogue does.
        ...parents.map((parent) => `coalesce(r.${quote(parent)}, known.${quote(parent)})`),
        'r.object_id',
        'r.date',
        ...plain.map((column) => `r.${quote(column)}`),
        `epoch_ms(${stamp.askedForMs}::BIGINT)`,
      ];
      const join =
        parents.length > 0
          ? `LEFT JOIN ${session.table(place.dataflow, objectType)} known ON known.ad_account_id = ${account} AND known.id = r.object_id`
          : '';
      rows = await session.run(
        `INSERT INTO ${target} (${columns.map(quote).join(', ')})
         SELECT ${values.join(', ')} FROM read_parquet(${fileList(staged.rowFiles)}) r ${join}
         WHERE ${chosen('r.object_id', 'r.date')}`,
      );
    }
    await keepRejectedRows(session, commit, chosen);
    const incomplete = await incompleteCells(session, commit, replacement.include);
    const after = advance(coverage, replacement.include, incomplete, stamp, commit);
    await writeCoverage(session, place, objectType, coverage, after);
    const stillStale = commit.settle(after).include.length > 0;
    return { rows, rejectedRows: staged.rejectedRows, stillStale, restated };
  });

/** Rows of cells read again whose values changed, came or went. */
const compareReread = async (
  session: Session,
  { place, objectType, granularity, metrics, staged }: ChunkCommit,
  { reread }: Replacement,
  chosen: (id: string, date: string) => string,
): Promise<CommitResult['restated']> => {
  if (reread.cells === 0) return NOTHING_COMMITTED.restated;
  const again = await Cells.of(session, 'reread_cells', reread.ranges, granularity === 'TOTAL');
  const id = quote(storeName(ID_COLUMN[objectType]));
  const cell = ['date', ...(granularity === 'HOUR' ? ['hour'] : [])];
  const held = new Set(reread.columns);
  const compared = [
    ...cell,
    ...metrics.filter(({ name }) => held.has(name)).map(({ name }) => quote(storeName(name))),
  ];
  const before = `SELECT t.${id} AS object_id, ${compared.map((column) => `t.${column}`).join(', ')}
    FROM ${session.table(place.dataflow, ANALYTICS_TABLE[objectType])} t
    WHERE t.ad_account_id = ${literal(place.adAccountId)} AND ${again.has(`t.${id}`, 't.date')} AND ${chosen(`t.${id}`, 't.date')}`;
  const now =
    staged.rowFiles.length === 0
      ? `SELECT * FROM (${before}) WHERE false`
      : `SELECT r.object_id, ${compared.map((column) => `r.${column}`).join(', ')}
         FROM read_parquet(${fileList(staged.rowFiles)}) r
         WHERE ${again.has('r.object_id', 'r.date')} AND ${chosen('r.object_id', 'r.date')}`;
  const row = await session.one(
    `WITH before AS (${before}), now AS (${now}),
       differing AS ((FROM before EXCEPT FROM now) UNION ALL (FROM now EXCEPT FROM before))
     SELECT count(*)::INTEGER AS changed, min(date)::TEXT AS oldest
     FROM (SELECT DISTINCT object_id, ${cell.join(', ')} FROM differing)`,
  );
  return {
    cells: reread.cells,
    rowsChanged: row!['changed'] as number,
    oldestDateChanged: row!['oldest'] as string | null,
  };
};

/** Replaces what was rejected before of the same cells, or of the same chunk where the cell is not known. */
const keepRejectedRows = async (
  session: Session,
  { place, objectType, staged, chunk, runId, stamp }: ChunkCommit,
  chosen: (id: string, date: string) => string,
): Promise<void> => {
  const table = session.table(place.dataflow, 'rejected_rows');
  await session.run(
    `DELETE FROM ${table} AS t WHERE t.ad_account_id = $1 AND t.object_type = $2
     AND ((t.object_id IS NOT NULL AND t.date IS NOT NULL AND ${chosen('t.object_id', 't.date')}) OR t.chunk = $3)`,
    [place.adAccountId, objectType, chunk],
  );
  if (staged.rejectFiles.length === 0) return;
  await session.run(
    `INSERT INTO ${table} (ad_account_id, object_type, object_id, date, raw, reason, chunk, run_id, rejected_at)
     SELECT $1, $2, object_id, date, raw, reason, $3, $4, epoch_ms($5::BIGINT)
     FROM read_parquet(${fileList(staged.rejectFiles)})`,
    [place.adAccountId, objectType, chunk, runId, ms(stamp.askedForMs)],
  );
};
