// What a batch says about itself when it ends: why it cannot be used at all, or how many rows failed for what.
import type { Limits } from '../settings.js';
import type { BatchError, UploadedFile } from './batch.js';
import { DESCRIPTIONS } from './check-row.js';

export const unusable = (files: readonly UploadedFile[], limits: Limits): BatchError[] => {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length === 0) return [{ code: '133', description: 'No files were uploaded to the batch.' }];
  if (files.some((file) => file.bytes === 0))
    return [{ code: '106', description: 'Dataset file is empty. Please upload file with data.' }];
  if (files.length > limits.filesPerBatch)
    return [{ code: '400', description: `More than ${limits.filesPerBatch} files in a batch.` }];
  if (bytes > limits.batchBytes)
    return [{ code: '400', description: `More than ${limits.batchBytes} bytes in a batch.` }];
  return [];
};

/** `counts`: failed rows by the code of their first error. */
export const rowErrors = (
  counts: ReadonlyMap<string, number>,
  good: number,
  diagnostics: boolean,
): BatchError[] => {
  const failed = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (failed === 0) return [];
  if (!diagnostics)
    return [
      {
        code: 'INGEST-1211-400',
        description:
          'Encountered errors while parsing, converting or otherwise validating the data. Please resend the data with error diagnostics enabled to collect additional information on failure types',
      },
    ];
  return [
    {
      code: 'INGEST-1212-400',
      description: `Encountered ${failed} errors in the data. Successfully ingested ${good} rows. Please review the associated diagnostic files for more details.`,
    },
    ...[...counts].map(([code, recordCount]) => ({
      code: `INGEST-${code}-400`,
      description: DESCRIPTIONS[code]!,
      recordCount,
    })),
  ];
};
