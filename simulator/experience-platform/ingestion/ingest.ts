// The files of a batch, row by row: good rows into one file, failed ones into others beside it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Field } from '../registry/fields.js';
import type { Limits } from '../settings.js';
import { rowErrors, unusable } from './batch-errors.js';
import type { Batch, Outcome } from './batch.js';
import { checkRow, CODES, type CheckedRow } from './check-row.js';
import { createWriters, linesOf } from './json-lines.js';

const ROWS = 'rows.json';
const FAILED = 'failed.json';
const ERROR_FILES: Record<string, string> = {
  [CODES.corrupt]: 'parsing_errors_0.json',
  [CODES.conversion]: 'conversion_errors_0.json',
};
const errorFileOf = (code: string): string => ERROR_FILES[code] ?? 'validation_errors_0.json';

const SPOILT = { code: CODES.conversion, message: 'The simulator was told to fail this row' };

export const ingest = async (
  batch: Batch,
  schema: Field,
  limits: Limits,
  folder: string,
): Promise<Outcome> => {
  await mkdir(folder, { recursive: true });
  const files = [...batch.files.values()];
  const broken = unusable(files, limits);
  const spoilt = batch.fate?.effect === 'batch-partial' ? batch.fate.rows : 0;
  const writers = createWriters(folder);
  const counts = new Map<string, number>();
  let [read, good] = [0, 0];

  const fail = (shown: object, errors: CheckedRow['errors'], filename: string): void => {
    const { code } = errors[0]!;
    counts.set(code, (counts.get(code) ?? 0) + 1);
    const record = { ...shown, _errors: errors, _filename: filename };
    writers.write(errorFileOf(code), record);
    writers.write(FAILED, record);
  };
  const take = (line: string, filename: string): void => {
    read += 1;
    const { row, given, errors } = checkRow(line, schema, limits.fieldsPerRow);
    if (!row) fail(given ?? { _corrupt_record: line }, errors, filename);
    else if (read <= spoilt) fail(row, [SPOILT], filename);
    else {
      good += 1;
      writers.write(ROWS, row);
    }
  };
  for (const { name, paths } of broken.length > 0 ? [] : files)
    for await (const lines of linesOf(paths)) {
      for (const line of lines) take(line, name);
      await writers.drained();
    }
  const errorPaths = await writers.close();
  errorPaths.delete(ROWS);
  errorPaths.delete(FAILED);
  return {
    metrics: {
      inputByteSize: files.reduce((sum, { bytes }) => sum + bytes, 0),
      inputFileCount: files.length,
      inputRecordCount: read,
      outputRecordCount: good,
      failedRecordCount: read - good,
    },
    errors: [...broken, ...rowErrors(counts, good, batch.diagnostics)],
    succeeds: broken.length === 0 && (read - good) * 100 <= (batch.threshold ?? 0) * read,
    rowsPath: join(folder, ROWS),
    failedPath: join(folder, FAILED),
    errorPaths,
  };
};
