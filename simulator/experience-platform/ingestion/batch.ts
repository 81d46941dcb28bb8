// A batch: what it was made with, the files it was given, and how far it has come.
import type { Fate } from '../wire/faults.js';
import type { ExperiencePlatformSettings } from '../settings.js';

export const STATUSES = [
  'loading',
  'loaded',
  'staging',
  'staged',
  'retrying',
  'stalled',
  'success',
  'active',
  'failed',
  'failure',
  'aborted',
  'abandoned',
  'inactive',
] as const;
export type BatchStatus = (typeof STATUSES)[number];

export interface Part {
  start: number;
  end: number;
  path: string;
}
export interface UploadedFile {
  name: string;
  bytes: number;
  /** Where its content is, in pieces in order. */
  paths: string[];
  /** Of a large file that is not yet complete. */
  parts?: Part[];
}

export interface BatchError {
  code: string;
  description: string;
  recordCount?: number;
}

export interface Outcome {
  metrics: {
    inputByteSize: number;
    inputFileCount: number;
    inputRecordCount: number;
    outputRecordCount: number;
    failedRecordCount: number;
  };
  errors: BatchError[];
  succeeds: boolean;
  /** JSON lines: the rows that a reader sees, and the failed ones with their errors. */
  rowsPath: string;
  failedPath: string;
  /** By name; each is JSON lines. */
  errorPaths: Map<string, string>;
}

export interface Batch {
  id: string;
  datasetId: string;
  status: BatchStatus;
  created: number;
  updated: number;
  started?: number;
  completed?: number;
  changes: number;
  replay?: { predecessors: string[]; reason: string };
  tags: Record<string, unknown>;
  /** Whether diagnostics are kept. */
  diagnostics: boolean;
  /** Percent of the rows that may fail; undefined: none may. */
  threshold: number | undefined;
  files: Map<string, UploadedFile>;
  /** What the next polls will see. */
  stages: { status: BatchStatus; polls: number }[];
  fate?: { effect: Fate; endsAs: BatchStatus; rows: number };
  ingestion?: Promise<Outcome>;
  /** Undefined until it has ended. */
  outcome?: Outcome;
  errors: BatchError[];
}

export const isReadable = ({ status }: Batch): boolean => status === 'success' || status === 'active';

export const changeStatus = (batch: Batch, status: BatchStatus): void => {
  batch.status = status;
  batch.updated = Date.now();
  batch.changes += 1;
};

/** As the catalog and the import service show it. */
export const shown = ({ organization, clientId }: ExperiencePlatformSettings, batch: Batch) => {
  const { id, status, created, updated, started, completed, replay, tags, errors, outcome } = batch;
  return {
    id,
    externalId: id,
    imsOrg: organization,
    status,
    created,
    updated,
    ...(started !== undefined && { started }),
    ...(completed !== undefined && { completed }),
    relatedObjects: [{ type: 'dataSet', id: batch.datasetId }],
    ...(replay && { replay }),
    inputFormat: { format: 'json' },
    tags,
    version: `1.0.${batch.changes}`,
    createdClient: clientId,
    createdUser: `${clientId}@techacct.adobe.com`,
    updatedUser: `${clientId}@techacct.adobe.com`,
    ...(outcome && { metrics: outcome.metrics }),
    errors,
  };
};
