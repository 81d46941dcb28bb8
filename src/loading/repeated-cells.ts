// Finds cells that came more than once, in one answer or across answers. The same row twice counts once; of rows that
// differ nobody can tell the right one, so all of them are rejected.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { storeName } from '../dataflow/columns.js';
import { MOST_RAW_REJECTS, type AnswerShape, type StagedAnswer } from './answer-shape.js';
import type { Engine } from '../engine/engine.js';
import { literal, quote } from '../engine/sql-text.js';
import { layoutOf, outputColumns, rowKey } from './row-layout.js';

const REASON = 'two different rows for one cell';

export async function resolveRepeatedCells(
  engine: Engine,
  shape: AnswerShape,
  staged: StagedAnswer,
  workFolder: string,
): Promise<StagedAnswer> {
  if (staged.rowFiles.length === 0) return staged;
  const layout = layoutOf(shape);
  const cell = rowKey(layout).join(', ');
  const read = (files: string[]): string => `read_parquet([${files.map(literal).join(', ')}])`;

  // Hashes instead of cells: eight bytes a row. Two cells that share one are told apart below.
  await engine.run(`CREATE TABLE repeated AS
    SELECT hash FROM (SELECT hash(${cell}) AS hash FROM ${read(staged.rowFiles)}) GROUP BY hash HAVING count(*) > 1`);
  if ((await engine.number('SELECT count(*) FROM repeated')) === 0) return staged;

  const isRepeated = `hash(${cell}) IN (SELECT hash FROM repeated)`;
  await engine.run(`CREATE TABLE suspects AS SELECT * FROM ${read(staged.rowFiles)} WHERE ${isRepeated};
    CREATE TABLE singles AS SELECT DISTINCT * FROM suspects;
    CREATE TABLE clashing AS SELECT ${cell} FROM singles GROUP BY ALL HAVING count(*) > 1`);
  const clashes = `(${cell}) IN (SELECT (${cell}) FROM clashing)`;

  const rowFiles: string[] = [];
  let rows = 0;
  const keep = async (query: string, file: string): Promise<void> => {
    const kept = await engine.writeParquet(query, file);
    rows += kept;
    if (kept > 0) rowFiles.push(file);
  };
  for (const file of staged.rowFiles) {
    await keep(`SELECT * FROM ${read([file])} WHERE NOT ${isRepeated}`, `${file}.single.parquet`);
    await rm(file);
  }
  await keep(`SELECT * FROM singles WHERE NOT ${clashes}`, join(workFolder, 'collapsed.rows.parquet'));

  // The received text is gone by now, so the row is written out again from what was read.
  const names = new Map([['object_id', layout.ownIds[0]!]]);
  for (const name of ['DATE', 'HOUR', ...layout.parents]) names.set(storeName(name), name);
  for (const { name, column } of layout.metrics) names.set(column, name);
  const members = outputColumns(layout).map((name) => `${literal(names.get(name) ?? name)}, ${quote(name)}`);
  const rejectFile = join(workFolder, 'clashing.rejects.parquet');
  const room = Math.max(0, MOST_RAW_REJECTS - staged.rejectedRows);
  const rejected = await engine.number(`SELECT count(*) FROM suspects WHERE ${clashes}`);
  await engine.writeParquet(
    `(SELECT left(json_object(${members.join(', ')})::VARCHAR, 10000) AS raw, ${literal(REASON)} AS reason, object_id, date
     FROM suspects WHERE ${clashes} LIMIT ${room})
     UNION ALL SELECT DISTINCT NULL, NULL, object_id, date FROM suspects WHERE ${clashes} AND ${rejected > room}`,
    rejectFile,
  );
  const rejectedRows = staged.rejectedRows + rejected;
  const rejectFiles = rejected > 0 ? [...staged.rejectFiles, rejectFile] : staged.rejectFiles;
  return { ...staged, rowFiles, rejectFiles, rows, rejectedRows, inputRows: rows + rejectedRows };
}
