// Answers of Pinterest's, loaded into a store as an activity would.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Chunk, Granularity } from '../../src/dataflow/chunk.js';
import type { ObjectType } from '../../src/dataflow/object-types.js';
import { metricsOf } from '../../src/dataflow/columns.js';
import type { KnownObject } from '../../src/dataflow/coverage.js';
import { midnightMs } from '../../src/dataflow/dates.js';
import { needOf } from '../../src/dataflow/need.js';
import { settleReplacement } from '../../src/dataflow/replace.js';
import { parseSpec } from '../../src/dataflow/parse-spec.js';
import type { DataflowSpec } from '../../src/dataflow/spec.js';
import { Staging } from '../../src/loading/staging.js';
import type { CommitResult } from '../../src/store/cells.js';
import type { Store } from '../../src/store/store.js';

export const TODAY = '2026-05-31';
export const ACCOUNT = { dataflow: 'acme-ads', adAccountId: '549755885175' };
export const noon = midnightMs(TODAY) + 12 * 3_600_000;

/** A spec of `ACCOUNT` that wants all objects of a type. */
export const specOf = (
  columns: readonly string[] = ['SPEND_IN_MICRO_DOLLAR'],
  {
    objectType = 'campaigns',
    granularity = 'DAY',
    backfillDays = 5,
  }: { objectType?: ObjectType; granularity?: Granularity; backfillDays?: number } = {},
): DataflowSpec =>
  parseSpec(
    {
      name: ACCOUNT.dataflow,
      connection: { adAccountId: ACCOUNT.adAccountId },
      source: { objects: [{ type: objectType, ids: 'all' }], columns, granularity, backfillDays },
    },
    { today: TODAY },
  );

export interface Answer {
  spec: DataflowSpec;
  ids: Chunk['ids'];
  rows: readonly unknown[];
  /** When the attempt that fetches it was scheduled. */
  askedForMs?: number;
  /** When the run started. */
  startedAtMs?: number;
  /** What the catalogue knows; of `ids` that are named, these where left out. */
  objects?: KnownObject[] | null;
  from?: string;
  to?: string;
  /** How long the report is noted to have taken. */
  reportTookMs?: number;
}

/** Loads a report's answer; how a chunk is described in `rejected_rows` is `a chunk`. */
export const load = async (store: Store, answer: Answer): Promise<CommitResult> => {
  const { spec, ids, rows, askedForMs = noon, startedAtMs = noon - 1_000 } = answer;
  const { from = '2026-05-27', to = TODAY } = answer;
  const { granularity } = spec.source;
  const objectType = spec.source.objects[0]!.type;
  const metrics = metricsOf(objectType, spec.source.columns);
  const chunk: Chunk = { objectType, method: 'report', ids, from, to, apiCalls: 3, rows: 10 };
  const folder = await mkdtemp(join(tmpdir(), 'answer-'));
  const staging = await Staging.open(join(folder, 'work'), {
    objectType,
    granularity,
    from,
    to,
    columns: metrics,
  });
  try {
    await staging.add(
      Readable.from([Buffer.from(JSON.stringify(rows))]),
      typeof ids === 'string' ? 'all' : ids,
    );
    const staged = await staging.finish();
    const objects =
      answer.objects ?? (typeof ids === 'string' ? null : ids.map((id) => ({ id, firstSeenMs: 0 })));
    const wanted = { selection: ids === 'all' ? ('all' as const) : ('some' as const), objects };
    const nowMs = Math.max(midnightMs(to) + 12 * 3_600_000, askedForMs);
    const need = needOf(spec, { objectType }, wanted, [], { startedAtMs, nowMs });
    return await store.cells.commit({
      account: ACCOUNT,
      dataset: { objectType },
      granularity,
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
        knownIdsAtMs: null,
      },
      periods: need.periods,
      settle: (coverage) => settleReplacement(chunk, { ...need, coverage }, askedForMs, to),
      chunk: 'a chunk',
      runId: 'a run',
      ...(answer.reportTookMs !== undefined && { reportTookMs: answer.reportTookMs }),
    });
  } finally {
    await staging.close();
    await rm(folder, { recursive: true, force: true });
  }
};
