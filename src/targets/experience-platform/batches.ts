// Batches: how a partition's rows get into a dataset. https://experienceleague.adobe.com/en/docs/experience-platform/ingestion/batch/api-overview
import { stat } from 'node:fs/promises';
import type { RunError } from '../../dataflow/flow-run.js';
import { oneLine } from '../../http/redact.js';
import type { Look } from '../target.js';
import type { Sandbox } from './access/client.js';
import { PlatformError } from './access/errors.js';

/** Of a file in one piece; a larger one goes in parts. */
export interface UploadLimits {
  fileBytes: number;
  partBytes: number;
}
export const ADOBE_LIMITS: UploadLimits = { fileBytes: 256_000_000, partBytes: 100_000_000 };

/** The one file of a batch. */
const FILE = 'rows.json';

/** Whatever else a batch is said to be, it moves: Adobe's texts know more words than they explain. */
const STATES: Readonly<Record<string, Look['state']>> = {
  loading: 'open',
  success: 'delivered',
  active: 'delivered',
  retained: 'delivered',
  archived: 'delivered',
  failed: 'failed',
  failure: 'failed',
  aborted: 'failed',
  abandoned: 'failed',
  inactive: 'failed',
  reverted: 'failed',
  deleted: 'failed',
};

const MOST_ERRORS = 20;
const LONGEST_WORDS = 300;

const isGone = (error: unknown): boolean => error instanceof PlatformError && error.facts.status === 404;
/** Readers see nothing of it. */
const isOver = ({ state }: Look): boolean => state === 'failed' || state === 'unknown';
/** An action that does not fit the batch's state. */
export const isMisplaced = (error: unknown): boolean =>
  error instanceof PlatformError && [400, 404, 409].includes(error.facts.status ?? 0);

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => Object(value) as Fields;
const countOf = (value: unknown): number | undefined =>
  value !== null && Number(value) >= 0 ? Math.trunc(Number(value)) : undefined;

const errorsOf = (errors: unknown): RunError[] =>
  [errors ?? []]
    .flat()
    .slice(0, MOST_ERRORS)
    .map(fieldsOf)
    .map(({ code, description, message }) => ({
      code: oneLine(String(code ?? 'DeliveryFailed'), 60),
      message: oneLine(String(description ?? message ?? 'no reason is given'), LONGEST_WORDS),
    }));

/** @param batch as the catalog tells it; undefined if it knows none */
const lookAt = (batch: Fields | undefined): Look => {
  if (!batch) return { state: 'unknown', status: 'unknown', rows: 0, failedRows: 0, errors: [] };
  const status = String(batch['status']).toLowerCase();
  const state = STATES[status] ?? 'moving';
  if (state === 'open' || state === 'moving') return { state, status, rows: 0, failedRows: 0, errors: [] };
  const { inputRecordCount, outputRecordCount, failedRecordCount } = fieldsOf(batch['metrics']);
  const rows = state === 'delivered' ? countOf(outputRecordCount) : 0;
  const missing = (countOf(inputRecordCount) ?? 0) - (rows ?? Infinity);
  const failedRows = countOf(failedRecordCount) ?? Math.max(0, missing);
  return { state, status, rows: rows ?? null, failedRows, errors: errorsOf(batch['errors']) };
};

export class Batches {
  constructor(
    private readonly sandbox: Sandbox,
    private readonly datasetId: string,
    private readonly limits: UploadLimits,
    private readonly signal: AbortSignal,
  ) {}

  /** @param replaces a batch whose rows are gone once this one has succeeded */
  async create(errorThresholdPercent: number, replaces: string | null): Promise<string> {
    const what = 'creating a batch';
    const body = {
      datasetId: this.datasetId,
      inputFormat: { format: 'json' },
      enableErrorDiagnostics: true,
      // Adobe's guides disagree on the name.
      ...(errorThresholdPercent > 0 && {
        partialIngestionPercent: errorThresholdPercent,
        partialIngestionPercentage: errorThresholdPercent,
      }),
      ...(replaces !== null && { replay: { predecessors: [replaces], reason: 'replace' } }),
    };
    const made = await this.sandbox.json({
      method: 'POST',
      path: '/import/batches',
      what,
      body,
      signal: this.signal,
    });
    const { id } = fieldsOf(made);
    if (typeof id === 'string' && /^[\w-]{1,200}$/.test(id)) return id;
    throw new PlatformError('TargetUnavailable', `Experience Platform's answer to ${what} has no id`);
  }

  /** The file as the batch's only one, in the place of what was sent before. */
  async upload(id: string, file: string): Promise<void> {
    const { size } = await stat(file);
    const path = `/import/batches/${id}/datasets/${this.datasetId}/files/${FILE}`;
    const what = `uploading ${size} bytes to the batch ${id}`;
    const common = { path, what, signal: this.signal };
    const { fileBytes, partBytes } = this.limits;
    if (size <= fileBytes) {
      await this.sandbox.done({ ...common, method: 'PUT', part: { path: file, start: 0, end: size - 1 } });
      return;
    }
    // A part that came twice may be an overlap there: after a lost answer the next attempt begins another batch.
    await this.sandbox.done({ ...common, method: 'POST', query: { action: 'INITIALIZE' } });
    for (let start = 0; start < size; start += partBytes) {
      const end = Math.min(start + partBytes, size) - 1;
      const headers = { 'Content-Range': `bytes ${start}-${end}/${size}` };
      await this.sandbox.done({ ...common, method: 'PATCH', headers, part: { path: file, start, end } });
    }
    await this.sandbox.done({ ...common, method: 'POST', query: { action: 'COMPLETE' } });
  }

  /** Never repeated by itself: the caller looks first. */
  complete(id: string): Promise<void> {
    return this.act(id, 'COMPLETE', false);
  }

  async abort(id: string): Promise<void> {
    try {
      await this.act(id, 'ABORT', true);
    } catch (error) {
      if (!isMisplaced(error)) throw error;
    }
  }

  async revert(id: string): Promise<void> {
    try {
      await this.act(id, 'REVERT', true);
    } catch (error) {
      // Reverted before, and the answer was lost; or expired and gone.
      if (!isMisplaced(error) || !isOver(await this.look(id))) throw error;
    }
  }

  async look(id: string): Promise<Look> {
    return lookAt(await this.ask(id));
  }

  /** Whether its rows stand in this dataset, so that another batch can take their place. */
  async stands(id: string): Promise<boolean> {
    const batch = await this.ask(id);
    const related = [batch?.['relatedObjects'] ?? []].flat<unknown[]>().map(fieldsOf);
    const datasets = related.filter(({ type }) => type === 'dataSet');
    const isElsewhere = datasets.length > 0 && !datasets.some((dataset) => dataset['id'] === this.datasetId);
    return !isElsewhere && !isOver(lookAt(batch));
  }

  private async ask(id: string): Promise<Fields | undefined> {
    try {
      const answer = fieldsOf(
        await this.sandbox.json({
          method: 'GET',
          path: `/catalog/batches/${id}`,
          what: `looking at the batch ${id}`,
          signal: this.signal,
        }),
      );
      const batch = fieldsOf(answer[id]);
      return typeof batch['status'] === 'string' ? batch : undefined;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  private act(id: string, action: 'COMPLETE' | 'ABORT' | 'REVERT', repeatable: boolean): Promise<void> {
    return this.sandbox.done({
      method: 'POST',
      path: `/import/batches/${id}`,
      query: { action },
      what: `${action} of the batch ${id}`,
      repeatable,
      signal: this.signal,
    });
  }
}
