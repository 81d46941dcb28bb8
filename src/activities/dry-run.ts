// What a spec would cost: spends nothing but the catalogue, which is kept and serves the run that follows.
import { dateOf, type DateRange } from '../dataflow/dates.js';
import type { RunError } from '../dataflow/flow-run.js';
import { callsOf, type Chunk, type Method } from '../dataflow/chunk.js';
import { datasetKey, type ObjectType } from '../dataflow/object-types.js';
import { datasetsOf, windowOf } from '../dataflow/need.js';
import { newestFirst, planNeed } from '../dataflow/plan.js';
import { parseSpec } from '../dataflow/parse-spec.js';
import { columnsLeftOut, tellLeftOut, tellRefusals, without } from '../dataflow/refusals.js';
import { daysAtQuota } from '../quota/limits.js';
import type { Dependencies } from './dependencies.js';
import { counts } from './interceptors/count-calls.js';
import { prepareSchema, shapesOf } from './prepare-run.js';
import { refreshCatalogueOf } from './refresh-catalogue.js';
import { looksAtReports, needFromStore, scheduledAtMs } from './run.js';

export interface PlannedChunk {
  /** If the spec names several ad accounts. */
  adAccountId?: string;
  objectType: ObjectType;
  /** One of Pinterest's targeting types, of numbers by it. */
  breakdown?: string | undefined;
  method: Method;
  /** `wanted`: a report of the whole account that serves the spec's objects. */
  ids: Chunk['ids'];
  from: string;
  to: string;
  apiCalls: number;
  /** At most. */
  rows: number;
}

export interface DryRun {
  window: DateRange;
  chunks: PlannedChunk[];
  /** `catalogue` and `other`: what this dry run spent, and the run that follows need not. */
  apiCalls: { analytics: number; reports: number; catalogue: number; other: number; total: number };
  rows: number;
  daysAtQuota: number;
  /** What Pinterest refuses today, and is therefore not planned; left out if it is nothing. */
  notices?: RunError[];
  /** Ad accounts that could not be planned, if the spec names several. */
  errors?: RunError[];
}

export const dryRun =
  (dependencies: Dependencies) =>
  async ({ spec: input, startedAtMs }: { spec: unknown; startedAtMs: number }): Promise<DryRun> => {
    const now = scheduledAtMs();
    const today = dateOf(now);
    const spec = parseSpec(input, {
      credentials: await dependencies.credentials.names(),
      missingVariables: dependencies.targets.missing,
      today,
    });
    const account = { dataflow: spec.name, adAccountId: spec.connection.adAccountId };
    await prepareSchema(dependencies.store, spec);
    // The catalogue looks into them. Those that stand there are changed by a run, not by a plan.
    if (!(await dependencies.store.schemas.hasAnalytics(spec.name)))
      await dependencies.store.schemas.makeAnalytics(spec.name, shapesOf(spec));
    const { credential } = spec.connection;
    await refreshCatalogueOf(dependencies, account, spec, { credential, startedAtMs, class: 'question' });

    const looks = await looksAtReports(dependencies, spec, { ofOthers: true });
    // What Pinterest refuses the ad account today is not planned, as a run would not ask for it.
    const refusals = await dependencies.store.refusals.today(account, now);
    const leftOut = columnsLeftOut(refusals, spec.source.columns);
    const notices = [...tellLeftOut(leftOut), ...tellRefusals(refusals)];
    const asked = without(spec, leftOut);
    const chunks: Chunk[] = [];
    for (const dataset of datasetsOf(spec)) {
      const { need } = await needFromStore(dependencies, account, asked, dataset, startedAtMs);
      const reportLooks = looks.get(datasetKey(dataset))!;
      chunks.push(...planNeed(need, { profile: spec.source.api, today, refusals, reportLooks }).chunks);
    }
    chunks.sort(newestFirst);
    const analytics = callsOf(chunks.filter(({ method }) => method === 'analytics'));
    const reports = callsOf(chunks.filter(({ method }) => method === 'report'));
    const { catalogue, other } = counts().apiCalls;
    const total = analytics + reports + catalogue + other;
    return {
      window: windowOf(spec, now),
      chunks: chunks.map(({ idsPerCall: _, ...chunk }) => chunk),
      apiCalls: { analytics, reports, catalogue, other, total },
      rows: chunks.reduce((sum, { rows }) => sum + rows, 0),
      daysAtQuota: daysAtQuota(total, dependencies.quota),
      ...(notices.length > 0 && { notices }),
    };
  };
