// Pinterest's numbers of some objects, as totals or period by period, against what the store adds up to.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { describeChunk, REPORT_CALLS, type Chunk } from '../../dataflow/chunk.js';
import { metricsOf, storeName } from '../../dataflow/columns.js';
import { askedForAt, CoverageIndex, isFinal, newest, noteIncomplete } from '../../dataflow/coverage.js';
import type { DateRange } from '../../dataflow/dates.js';
import type { Need } from '../../dataflow/gaps.js';
import { datasetOf, factsOf, type ObjectType } from '../../dataflow/object-types.js';
import {
  byWeight,
  differencesOf,
  DIFFERENCES_LISTED,
  scopesOf,
  type Difference,
  type DifferenceKind,
  type DifferingCell,
} from '../../dataflow/reconcile/differences.js';
import { askByPeriod } from '../../dataflow/reconcile/questions.js';
import type { DataflowSpec } from '../../dataflow/spec.js';
import { Staging } from '../../loading/staging.js';
import { fetchAnalytics } from '../../pinterest/analytics.js';
import { PinterestError } from '../../pinterest/errors.js';
import { createReport } from '../../pinterest/reports.js';
import type { Caller } from '../../pinterest/transport.js';
import type { DifferingRow } from '../../store/reconciliations.js';
import type { Dependencies } from '../dependencies.js';
import { extractionOf } from '../extraction.js';
import { counts } from '../interceptors/count-calls.js';
import { addAnswer, addDownload, reportBody } from '../load-chunk.js';
import { outlivesReports, type RequestedReport } from '../request-report.js';
import { callerOf, scheduledAtMs } from '../run.js';
import { comparedSpec, needOfDataset, settingsOf, type Compared } from './compared.js';

export interface CompareInput {
  compared: Compared;
  chunk: Chunk;
  /** `total`: each object over all dates of the chunk. `period`: each of its periods. */
  by: 'total' | 'period';
  /** Types above the chunk's that its rows, added up by parent, are compared with too. */
  alsoOf: ObjectType[];
  /** Of a chunk that is read by a report. */
  report?: RequestedReport;
  /** Cells that differ are noted as incomplete, so that they are read again. */
  note: boolean;
}

/** One type of a chunk. */
export interface ComparedType {
  objectType: ObjectType;
  /** Over all objects and dates, in the order of the columns. */
  store: number[];
  pinterest: number[];
  /** The weightiest. */
  differences: Difference[];
  /** How many there are besides. */
  more: number;
  /** How to read the objects that differ period by period; none unless compared by total. */
  narrower: Chunk[];
}

export interface ComparedChunk {
  types: ComparedType[];
  /** Rows of the answer that do not fit, and so are in no sum. */
  rejectedRows: number;
  apiCalls: number;
}

const callerFor = ({ account, credential }: Compared, dependencies: Dependencies, chunk: Chunk): Caller =>
  callerOf(dependencies, {
    dataflow: account.dataflow,
    credential,
    class: 'backfill',
    ...(chunk.method === 'report' && outlivesReports(dependencies.quota)
      ? { need: REPORT_CALLS, keptFor: describeChunk(chunk) }
      : {}),
  });

/** The spec in whose words the chunk is asked for. */
const askedSpec = async (
  dependencies: Dependencies,
  compared: Compared,
  by: CompareInput['by'],
): Promise<DataflowSpec> => {
  const spec = await comparedSpec(dependencies, compared);
  const granularity = by === 'total' ? 'TOTAL' : spec.source.granularity;
  return { ...spec, source: { ...spec.source, granularity, columns: compared.columns } };
};

const idsOf = ({ ids }: Chunk): string[] | null => (typeof ids === 'string' ? null : ids);

/** Asks for a chunk's report; its token goes into the history. */
export const requestComparison =
  (dependencies: Dependencies) =>
  async ({ compared, chunk, by }: CompareInput): Promise<{ report: RequestedReport; apiCalls: number }> => {
    const spec = await askedSpec(dependencies, compared, by);
    const caller = callerFor(compared, dependencies, chunk);
    const token = await createReport(dependencies.transport, caller, extractionOf(spec, chunk, idsOf(chunk)));
    return { report: { token, askedForMs: scheduledAtMs() }, apiCalls: counts().apiCalls.total };
  };

/** Whether a cell was final when it was read. */
const judgeOf = (need: Need): ((cell: DifferingCell) => DifferenceKind) => {
  const index = new CoverageIndex(need.coverage);
  const objects = new Map((need.objects ?? []).map((object) => [object.id, object]));
  return ({ id, period, rows }) => {
    const held = newest(index.of(objects.get(id) ?? { id, firstSeenMs: 0 }), period, need.criteria);
    const wasFinal = held?.complete && isFinal(askedForAt(held, period), period, need.criteria.restateDays);
    // A cell of two rows is no answer of Pinterest's, whenever it was read.
    return wasFinal || rows > 1 ? 'wrong' : 'restated';
  };
};

const cellsOf = (
  rows: readonly DifferingRow[],
  periods: ReadonlyMap<string, DateRange>,
  whole: DateRange,
): DifferingCell[] =>
  rows.map(({ date, ...row }) => ({
    ...row,
    period: date === null ? whole : (periods.get(date) ?? { from: date, to: date }),
  }));

/** Takes the chunk's answer in as a load does. */
const fetchInto = async (
  staging: Staging,
  dependencies: Dependencies,
  caller: Caller,
  spec: DataflowSpec,
  { compared, chunk, report }: CompareInput,
): Promise<void> => {
  const ids = idsOf(chunk);
  if (report) {
    const body = await reportBody(dependencies, caller, compared.account.adAccountId, chunk, report);
    return addDownload(staging, body, ids ?? 'all');
  }
  if (ids === null) throw new PinterestError('Refused', 'Analytics name ids');
  const answer = await fetchAnalytics(dependencies.transport, caller, extractionOf(spec, chunk, ids));
  await addAnswer(staging, answer, ids, caller.counter);
};

const compareType = async (
  dependencies: Dependencies,
  input: CompareInput,
  objectType: ObjectType,
  rowFiles: string[],
): Promise<ComparedType> => {
  const { compared, chunk, by } = input;
  const { account, columns } = compared;
  const spec = await comparedSpec(dependencies, compared);
  const dataset = { objectType };
  const need = await needOfDataset(dependencies, account, spec, dataset);
  const isOwn = objectType === chunk.objectType;
  const { sums, differing } = await dependencies.store.reconciliations.compare({
    account,
    objectType,
    ids: isOwn ? idsOf(chunk) : null,
    from: chunk.from,
    to: chunk.to,
    byPeriod: by === 'period',
    columns,
    rowFiles,
    idColumn: isOwn ? 'object_id' : storeName(factsOf(objectType).idColumn),
  });
  const periods = need.periods.filter(({ from }) => chunk.from <= from && from <= chunk.to);
  const whole = { from: chunk.from, to: chunk.to };
  const cells = cellsOf(differing, new Map(periods.map((period) => [period.from, period])), whole);
  const judge = by === 'period' ? judgeOf(need) : (): DifferenceKind => 'unexplained';
  const differences = differencesOf(objectType, columns, cells, judge).sort(byWeight);
  if (input.note && cells.length > 0)
    await dependencies.store.cells.forget(account, dataset, (coverage) => ({
      coverage: noteIncomplete(coverage, scopesOf(cells), need.criteria),
      cells: cells.length,
    }));
  const ids = [...new Set(cells.map(({ id }) => id))];
  return {
    objectType,
    ...sums,
    differences: differences.slice(0, DIFFERENCES_LISTED),
    more: Math.max(0, differences.length - DIFFERENCES_LISTED),
    narrower:
      by === 'period' || ids.length === 0
        ? []
        : askByPeriod(chunk, objectType, ids, periods.length, settingsOf(spec, columns)),
  };
};

export const compareChunk =
  (dependencies: Dependencies) =>
  async (input: CompareInput): Promise<ComparedChunk> => {
    const { compared, chunk, by, alsoOf, report } = input;
    const spec = await askedSpec(dependencies, compared, by);
    const staging = await Staging.open(join(dependencies.workFolder, randomUUID()), {
      ...datasetOf(chunk),
      granularity: spec.source.granularity,
      listOnly: !report,
      from: chunk.from,
      to: chunk.to,
      columns: metricsOf(chunk.objectType, compared.columns),
    });
    try {
      await fetchInto(staging, dependencies, callerFor(compared, dependencies, chunk), spec, input);
      const { rowFiles, rejectedRows } = await staging.finish();
      const types: ComparedType[] = [];
      for (const objectType of [chunk.objectType, ...alsoOf])
        types.push(await compareType(dependencies, input, objectType, rowFiles));
      return { types, rejectedRows, apiCalls: counts().apiCalls.total };
    } finally {
      await staging.close();
    }
  };
