// Loads one chunk: fetch → check → one transaction that replaces its stale cells and advances coverage.
import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describeChunk, type Chunk } from '../dataflow/chunk.js';
import { metricsOf } from '../dataflow/columns.js';
import { dateOf } from '../dataflow/dates.js';
import { KnownError } from '../dataflow/failures.js';
import type { ApiCalls } from '../dataflow/flow-run.js';
import type { Need } from '../dataflow/gaps.js';
import { batches } from '../dataflow/plan.js';
import { without } from '../dataflow/refusals.js';
import { figureOf, nextLookMs, REPORT_LIFETIME_MS } from '../dataflow/report-looks.js';
import { settleReplacement } from '../dataflow/replace.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import { MalformedAnswer, Staging, type AskedIds } from '../loading/staging.js';
import { fetchAnalytics } from '../pinterest/analytics.js';
import { PinterestError } from '../pinterest/errors.js';
import { pollReport } from '../pinterest/reports.js';
import { datasetOf, describeIds } from '../dataflow/object-types.js';
import type { ApiResponse, Caller, CallCounter } from '../pinterest/transport.js';
import { NOTHING_COMMITTED, type CommitResult } from '../store/cells.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { extractionOf } from './extraction.js';
import type { RequestedReport } from './request-report.js';
import { claimedSpec } from './own-run.js';
import { callerOf, leaseClassOf, needFromStore, scheduledAtMs, type RunRef } from './run.js';

export interface LoadInput {
  run: RunRef;
  chunk: Chunk;
  /** Of a chunk that is read by a report. */
  report?: RequestedReport;
}

export interface LoadedChunk extends CommitResult {
  inputRows: number;
  inputBytes: number;
  outputBytes: number;
  apiCalls: ApiCalls;
}

/** The body of a report that is ready; while it is not, it is too early, and no worker slot is held. */
export const reportBody = async (
  dependencies: Dependencies,
  caller: Caller,
  adAccountId: string,
  chunk: Chunk,
  report: RequestedReport,
): Promise<Readable> => {
  const { transport, reportPollMs } = dependencies;
  const ids = typeof chunk.ids === 'string' ? null : chunk.ids;
  const what = `the report of ${describeIds(chunk.objectType, ids)}, ${chunk.from} to ${chunk.to}`;
  const url = await pollReport(transport, caller, adAccountId, report.token, what);
  if (url !== null) return transport.download(url, what, caller.signal);
  const ageMs = scheduledAtMs() - report.askedForMs;
  if (ageMs >= REPORT_LIFETIME_MS) {
    throw new PinterestError('ReportLost', `Pinterest did not finish ${what} within an hour`);
  }
  throw new KnownError('ReportPending', `Pinterest is still making ${what}`, {
    retryAtMs: report.askedForMs + nextLookMs(ageMs, reportPollMs),
  });
};

/** A report that is ready now. */
const tookMs = ({ askedForMs, firstLookMs, wasPending }: RequestedReport): { reportTookMs?: number } => {
  if (firstLookMs === undefined) return {};
  const ageMs = scheduledAtMs() - askedForMs;
  return { reportTookMs: figureOf({ ageMs, firstLookMs, isFirst: !wasPending }) };
};

/** Bytes of the checked rows, as they go into the store. */
const sizeOf = async (files: readonly string[]): Promise<number> =>
  (await Promise.all(files.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);

/** An answer knew every object it named, also one looked up since the catalogue was read through. */
const knownAtMs = (need: Need, catalogueAtMs: number | null): number =>
  (need.objects ?? []).reduce((latest, { firstSeenMs }) => Math.max(latest, firstSeenMs), catalogueAtMs ?? 0);

/** Streams every answer of the chunk into staging. */
const fetchInto = async (
  staging: Staging,
  dependencies: Dependencies,
  caller: Caller,
  spec: DataflowSpec,
  need: Need,
  input: LoadInput,
): Promise<void> => {
  const { run, chunk, report } = input;
  if (report) {
    const asked = typeof chunk.ids === 'string' ? 'all' : chunk.ids;
    const { adAccountId } = run.place;
    await addDownload(staging, await reportBody(dependencies, caller, adAccountId, chunk, report), asked);
    return;
  }
  const ids = typeof chunk.ids === 'string' ? (need.objects ?? []).map(({ id }) => id) : chunk.ids;
  for (const batch of batches(ids, chunk.idsPerCall ?? ids.length)) {
    const answer = await fetchAnalytics(dependencies.transport, caller, extractionOf(spec, chunk, batch));
    await addAnswer(staging, answer, batch, caller.counter);
  }
};

/** Takes one answer into staging; a body that is refused is quoted without the token that was sent. */
export const addAnswer = async (
  staging: Staging,
  answer: ApiResponse,
  asked: readonly string[],
  counter: CallCounter,
): Promise<void> => {
  try {
    await staging.add(answer.body, asked);
  } catch (error) {
    counter.failed();
    if (error instanceof MalformedAnswer) error.message = answer.masked(error.message);
    throw error;
  }
};

/** Takes a report into staging; a body that is refused is not quoted: nobody knows what is behind a download address. */
export const addDownload = async (staging: Staging, body: Readable, asked: AskedIds): Promise<void> => {
  try {
    await staging.add(body, asked);
  } catch (error) {
    if (error instanceof MalformedAnswer) error.message = error.unquoted;
    throw error;
  }
};

export const loadChunk =
  (dependencies: Dependencies) =>
  async (input: LoadInput): Promise<LoadedChunk> => {
    const startedMs = performance.now();
    const { run, chunk, report } = input;
    const spec = without(await claimedSpec(dependencies, run), chunk.leftOut);
    const askedForMs = report?.askedForMs ?? scheduledAtMs();
    const today = dateOf(scheduledAtMs());
    const { need, wanted } = await needFromStore(
      dependencies,
      run.place,
      spec,
      datasetOf(chunk),
      run.startedAtMs,
    );

    // An earlier attempt may have committed and died before it could say so: then nothing is left to fetch.
    const settled = settleReplacement(chunk, need, askedForMs, today);
    const none = { ...NOTHING_COMMITTED, inputRows: 0, inputBytes: 0, outputBytes: 0 };
    if (settled.include.length === 0) return { ...none, apiCalls: counts().apiCalls };

    const metrics = metricsOf(chunk.objectType, spec.source.columns);
    const staging = await Staging.open(join(dependencies.workFolder, randomUUID()), {
      ...datasetOf(chunk),
      granularity: spec.source.granularity,
      listOnly: !report,
      from: chunk.from,
      to: chunk.to,
      ...(chunk.ids === 'wanted' ? { wantedIds: (need.objects ?? []).map(({ id }) => id) } : {}),
      columns: metrics,
    });
    try {
      const caller = callerOf(dependencies, {
        dataflow: run.place.dataflow,
        credential: run.credential,
        class: leaseClassOf(chunk, spec),
        ...(report ? { keptFor: describeChunk(chunk) } : {}),
      });
      await fetchInto(staging, dependencies, caller, spec, need, input);
      const staged = await staging.finish();
      const outputBytes = await sizeOf(staged.rowFiles);
      const committed = await dependencies.store.cells.commit({
        account: run.place,
        dataset: datasetOf(chunk),
        granularity: spec.source.granularity,
        restateDays: need.criteria.restateDays,
        freshSinceMs: need.criteria.freshSinceMs,
        objects: need.objects,
        metrics,
        staged,
        stamp: {
          askedForMs,
          columns: spec.source.columns,
          attribution: need.criteria.attribution,
          granularity: need.criteria.granularity,
          knownIdsAtMs: chunk.method === 'report' ? null : knownAtMs(need, wanted.catalogueAtMs),
        },
        periods: need.periods,
        settle: (coverage) => settleReplacement(chunk, { ...need, coverage }, askedForMs, today),
        chunk: describeChunk(chunk),
        runId: run.runId,
        ...(report && tookMs(report)),
      });
      const { rows, rejectedRows } = committed;
      const { dataflow } = run.place;
      dependencies.metrics.chunkLoaded({ dataflow, objectType: chunk.objectType, rows, rejectedRows });
      const apiCalls = counts().apiCalls.total;
      const ms = Math.round(performance.now() - startedMs);
      dependencies.log.info({ dataflow, chunk: describeChunk(chunk), rows, apiCalls, ms }, 'chunk loaded');
      const { inputRows, inputBytes } = staged;
      return { ...committed, inputRows, inputBytes, outputBytes, apiCalls: counts().apiCalls };
    } finally {
      await staging.close();
    }
  };
