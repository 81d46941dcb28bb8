// Asks for a report; its token goes into the history, so that a crash buys the report at most once more.
import { describeChunk, REPORT_CALLS, type Chunk } from '../dataflow/chunk.js';
import { without } from '../dataflow/refusals.js';
import type { ApiCalls } from '../dataflow/flow-run.js';
import { datasetOf } from '../dataflow/object-types.js';
import { firstLookMs, REPORT_LIFETIME_MS } from '../dataflow/report-looks.js';
import { createReport } from '../pinterest/reports.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { claimedSpec } from './own-run.js';
import { callerOf, leaseClassOf, scheduledAtMs, type RunRef } from './run.js';
import { extractionOf } from './extraction.js';

export interface RequestedReport {
  token: string;
  /** The scheduled time of the attempt that asked: the age of every cell that the report brings. */
  askedForMs: number;
  /** How old it should be when it is first looked at; earlier versions said nothing. */
  firstLookMs?: number;
  /** It was looked at, and was not ready. */
  wasPending?: true;
}

/** A quota whose pause may outlive a report: minutes are left for the others in line. */
export const outlivesReports = (quota: Dependencies['quota']): boolean =>
  quota.some(({ windowMs }) => windowMs >= REPORT_LIFETIME_MS / 6);

export const requestReport =
  (dependencies: Dependencies) =>
  async ({
    run,
    chunk,
  }: {
    run: RunRef;
    chunk: Chunk;
  }): Promise<{ report: RequestedReport; apiCalls: ApiCalls }> => {
    const spec = without(await claimedSpec(dependencies, run), chunk.leftOut);
    const caller = callerOf(dependencies, {
      dataflow: run.place.dataflow,
      credential: run.credential,
      class: leaseClassOf(chunk, spec),
      // If the quota may sleep for longer than a report lives, its polls have to be at hand.
      ...(outlivesReports(dependencies.quota) ? { need: REPORT_CALLS, keptFor: describeChunk(chunk) } : {}),
    });
    const { granularity } = spec.source;
    const kind = { dataset: datasetOf(chunk), granularity };
    const [figures = []] = await dependencies.store.reportTimes.known(run.place.dataflow, [kind], true);
    const ids = typeof chunk.ids === 'string' ? null : chunk.ids;
    const token = await createReport(dependencies.transport, caller, extractionOf(spec, chunk, ids));
    const report = {
      token,
      askedForMs: scheduledAtMs(),
      firstLookMs: firstLookMs(figures, dependencies.reportPollMs),
    };
    return { report, apiCalls: counts().apiCalls };
  };
