// Stages answers in a temporary folder and reads back what came of them.
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  Staging,
  type AnswerShape,
  type AskedIds,
  type StagedAnswer,
  type StagingOptions,
} from '../../src/loading/staging.js';

export type Row = Record<string, string | number | null>;

export interface Outcome extends StagedAnswer {
  rowsRead: Row[];
  rejects: { raw: string; reason: string; object_id: string | null; date: string | null }[];
}

/** Ads by day, in May 2026, with one column of each kind. */
export function shapeOf(changes: Partial<AnswerShape> = {}): AnswerShape {
  const span = { from: '2026-05-01', to: '2026-05-31' };
  return {
    objectType: 'ads',
    granularity: 'DAY',
    ...span,
    columns: [
      { name: 'SPEND_IN_MICRO_DOLLAR', kind: 'number' },
      { name: 'CTR', kind: 'number' },
      { name: 'AD_NAME', kind: 'text' },
    ],
    ...changes,
  };
}

export function newWorkFolder(): string {
  return join(mkdtempSync(join(tmpdir(), 'staging-')), 'work');
}

/** A body that arrives in chunks of `chunkBytes`. */
export function bodyOf(text: string | Uint8Array, chunkBytes = 1 << 16): Readable {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes));
  return Readable.from(chunks, { objectMode: false });
}

export async function stage(
  shape: AnswerShape,
  answers: (string | Uint8Array | Readable)[],
  options: StagingOptions & { chunkBytes?: number; asked?: AskedIds } = {},
): Promise<Outcome> {
  const { chunkBytes, asked = 'all', ...stagingOptions } = options;
  const staging = await Staging.open(newWorkFolder(), shape, stagingOptions);
  try {
    for (const answer of answers)
      await staging.add(answer instanceof Readable ? answer : bodyOf(answer, chunkBytes), asked);
    return await readBack(await staging.finish());
  } finally {
    await staging.close();
  }
}

let reading: Promise<DuckDBConnection> | undefined;

export async function readBack(staged: StagedAnswer): Promise<Outcome> {
  reading ??= DuckDBInstance.create(':memory:').then((instance) => instance.connect());
  const connection = await reading;
  const read = async <T>(files: string[], order: string): Promise<T[]> => {
    if (files.length === 0) return [];
    const list = files.map((file) => `'${file}'`).join(', ');
    const sql = `SELECT * REPLACE (date::VARCHAR AS date) FROM read_parquet([${list}]) ORDER BY ${order}`;
    return (await connection.runAndReadAll(sql)).getRowObjects() as T[];
  };
  return {
    ...staged,
    rowsRead: await read<Row>(staged.rowFiles, 'object_id, date'),
    rejects: await read<Outcome['rejects'][number]>(staged.rejectFiles, 'reason, raw'),
  };
}

/** The reasons, for tests that look at nothing else. */
export async function reasonsOf(
  shape: AnswerShape,
  answer: string | Uint8Array,
  asked?: AskedIds,
): Promise<string[]> {
  return (await stage(shape, [answer], { ...(asked && { asked }) })).rejects.map(({ reason }) => reason);
}
