// Which of Pinterest's own totals to ask for, so that every covered cell is in one of them, for the fewest calls.
import { REPORT_CALLS, type Chunk, type Method } from '../chunk.js';
import { methodReads } from '../columns.js';
import { CoverageIndex, fits, newest } from '../coverage.js';
import { addDays, daysIn, earlier, later, type DateOnly, type DateRange } from '../dates.js';
import type { Need } from '../gaps.js';
import { furthestDate, limitsOf, ROWS_PER_ANSWER, type Profile } from '../guardrails.js';
import { datasetOf, isListed, LEVELS, type ObjectType } from '../object-types.js';
import { batches } from '../plan.js';

/** A call, or a report, for the totals of some objects over some dates. */
export interface TotalsQuestion {
  chunk: Chunk;
  /** Types above the chunk's: its rows, added up by parent, are compared with theirs. Reports are dear. */
  alsoOf: ObjectType[];
}

export interface Questions {
  totals: TotalsQuestion[];
  /** Asked of the ad account itself, as the cross-check: what a whole type adds up to. Null if no type is read whole. */
  account: (DateRange & { objectType: ObjectType }) | null;
}

export interface ReconcileSettings {
  profile: Profile;
  today: DateOnly;
  /** The columns that are compared. */
  columns: readonly string[];
}

const METHODS: readonly Method[] = ['analytics', 'report'];

/** The method that reads a range's totals of some columns; undefined if none reaches so far back. */
const methodFor = (range: DateRange, { profile, today, columns }: ReconcileSettings): Method | undefined =>
  METHODS.find((method) => {
    const { daysBack, rangeDays } = limitsOf(profile, method, 'TOTAL');
    return (
      methodReads(method, columns) &&
      range.from >= furthestDate(today, daysBack) &&
      daysIn(range) <= rangeDays
    );
  });

/** Neighbouring periods together, as far as one call reaches. */
const rangesOf = (
  periods: readonly DateRange[],
  settings: ReconcileSettings,
): (DateRange & { method: Method })[] => {
  const ranges: (DateRange & { method: Method })[] = [];
  for (const { from, to: end } of periods) {
    const to = earlier(end, settings.today);
    const method = methodFor({ from, to }, settings);
    if (!method) continue;
    const last = ranges.at(-1);
    const goesOn =
      last?.method === method &&
      addDays(last.to, 1) === from &&
      methodFor({ from: last.from, to }, settings) === method;
    if (last && goesOn) last.to = to;
    else ranges.push({ from, to, method });
  }
  return ranges;
};

/** The objects of a need by the periods that the store holds of them, with the compared columns and as the spec has it. */
const coveredPeriods = (
  need: Need,
  columns: readonly string[],
): { ids: string[]; periods: DateRange[] }[] => {
  const index = new CoverageIndex(need.coverage);
  const wanted = { ...need.criteria, columns };
  const byKey = new Map<string, DateRange[]>();
  const groups = new Map<string, { ids: string[]; periods: DateRange[] }>();
  for (const object of need.objects ?? []) {
    const key = index.keyOf(object);
    const rows = index.of(object);
    const periods =
      byKey.get(key) ??
      need.periods.filter((period) => {
        const row = newest(rows, period, wanted);
        return row !== undefined && fits(row, wanted);
      });
    byKey.set(key, periods);
    const alike = periods.map(({ from }) => from).join();
    const group = groups.get(alike);
    if (group) group.ids.push(object.id);
    else groups.set(alike, { ids: [object.id], periods });
  }
  return [...groups.values()];
};

/** Whether these are all objects of a type that is read whole. */
const isWhole = (need: Need, ids: readonly string[]): boolean =>
  need.selection === 'all' && need.objects?.length === ids.length;

const questionsOf = (need: Need, settings: ReconcileSettings): Chunk[] =>
  coveredPeriods(need, settings.columns).flatMap(({ ids, periods }) =>
    rangesOf(periods, settings).flatMap(({ from, to, method }): Chunk[] => {
      const chunk = { ...datasetOf(need), method, from, to };
      if (method === 'report' && isWhole(need, ids))
        return [{ ...chunk, ids: 'all', apiCalls: REPORT_CALLS, rows: ids.length }];
      return batches(ids, limitsOf(settings.profile, method, 'TOTAL').ids).map((batch) => ({
        ...chunk,
        ids: [...batch],
        apiCalls: method === 'report' ? REPORT_CALLS : 1,
        rows: batch.length,
      }));
    }),
  );

/** Of reports that name no ids and are of the same dates, the one of the finest type; the others are compared with its sums. */
const withoutDearOnes = (chunks: readonly Chunk[]): TotalsQuestion[] => {
  const whole = (chunk: Chunk): boolean => chunk.method === 'report' && chunk.ids === 'all';
  const rank = ({ objectType }: Chunk): number => LEVELS.indexOf(objectType);
  const same = (chunk: Chunk): Chunk[] =>
    chunks.filter((other) => whole(other) && other.from === chunk.from && other.to === chunk.to);
  return chunks.flatMap((chunk) => {
    if (!whole(chunk)) return [{ chunk, alsoOf: [] }];
    const others = same(chunk).filter((other) => other !== chunk);
    if (others.some((other) => rank(other) > rank(chunk))) return [];
    return [{ chunk, alsoOf: others.map(({ objectType }) => objectType) }];
  });
};

/** The newest dates that the coarsest type's objects share, read by analytics; what differs there takes one call to see. */
const accountCheck = (needs: readonly Need[], chunks: readonly Chunk[]): Questions['account'] => {
  const whole = needs.find(({ selection }) => selection === 'all');
  // A dataflow that reads the ad account itself has its totals compared anyway.
  if (needs.some(({ objectType }) => !isListed(objectType))) return null;
  const calls = chunks.filter(
    ({ objectType, method }) => objectType === whole?.objectType && method === 'analytics',
  );
  const to = calls.reduce((latest, chunk) => later(latest, chunk.to), '');
  const newest = calls.filter((chunk) => chunk.to === to);
  const [first] = newest;
  const ids = newest.flatMap((chunk) => chunk.ids);
  if (!whole || !first || !isWhole(whole, ids) || newest.some(({ from }) => from !== first.from)) return null;
  return { objectType: whole.objectType, from: first.from, to };
};

/** @param needs one a dataset, over the dates that are asked for, the coarsest type first */
export const askForTotals = (needs: readonly Need[], settings: ReconcileSettings): Questions => {
  const chunks = needs.flatMap((need) => questionsOf(need, settings));
  return { totals: withoutDearOnes(chunks), account: accountCheck(needs, chunks) };
};

/**
 * How to read again, period by period, the objects of a question that differ. One answer says which dates they are, where
 * cutting the dates in two, again and again, would take seven.
 */
export const askByPeriod = (
  chunk: Chunk,
  objectType: ObjectType,
  ids: readonly string[],
  periods: number,
  settings: ReconcileSettings,
): Chunk[] => {
  const { from, to } = chunk;
  const by = (method: Method, idsPerCall: number, apiCalls: number): Chunk[] =>
    batches(ids, idsPerCall).map((batch) => ({
      objectType,
      method,
      from,
      to,
      ids: [...batch],
      apiCalls,
      rows: batch.length * periods,
    }));
  const reports = by('report', limitsOf(settings.profile, 'report', 'DAY').ids, REPORT_CALLS);
  if (methodFor(chunk, settings) === 'report') return reports;
  const fitting = Math.max(1, Math.floor(ROWS_PER_ANSWER / periods));
  const calls = by('analytics', Math.min(fitting, limitsOf(settings.profile, 'analytics', 'DAY').ids), 1);
  const dear = calls.length > reports.length * REPORT_CALLS && methodReads('report', settings.columns);
  return dear ? reports : calls;
};
