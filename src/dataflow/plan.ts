// The planner: the cheapest chunks, in API calls, that close the gaps of one dataset.
import { callsOf, REPORT_POLLS, type Chunk, type Method } from './chunk.js';
import { methodsOf } from './columns.js';
import { daysIn, earlier, type DateOnly } from './dates.js';
import { findGaps, objectsOf, type Gap, type Need } from './gaps.js';
import { limitsOf, ROWS_PER_ANSWER, rowsPerCell, type Profile } from './guardrails.js';
import { datasetOf } from './object-types.js';
import { furthestTaken, takesColumns, type Refusal } from './refusals.js';

export interface PlanSettings {
  profile: Profile;
  today: DateOnly;
  /** Rows that one analytics answer may hold. */
  rowsPerAnswer?: number;
  /** Looks that a report is expected to take; two, if nothing is known. */
  reportLooks?: number;
  /** What Pinterest refuses the ad account today. */
  refusals?: readonly Refusal[];
}

/** Id batches that may share one chunk, and with it one transaction, so that coverage advances for all objects. */
const FEW_CALLS = 3;

/** A span of periods served by one method. */
interface Span {
  method: Method;
  /** Indices into the need's periods. */
  first: number;
  last: number;
  calls: number;
  idsPerCall: number;
}

/** Rows of one object, at most; by a breakdown as many as may be expected. */
const rowsPerObject = (periods: number, need: Need): number =>
  periods * (need.criteria.granularity === 'HOUR' ? 24 : 1) * rowsPerCell(need.breakdown);

class SpanPricer {
  private readonly reading: Readonly<Record<Method, boolean>>;
  private readonly furthest: Readonly<Record<Method, DateOnly>>;
  private readonly periodsRead: readonly boolean[];

  /** @param avoid methods that are not to be used */
  constructor(
    private readonly need: Need,
    private readonly settings: PlanSettings,
    avoid: readonly Method[] = [],
  ) {
    const { profile, today, refusals = [] } = settings;
    const { columns, granularity } = need.criteria;
    const reads = (method: Method): boolean =>
      !avoid.includes(method) && methodsOf(need).includes(method) && takesColumns(refusals, method, columns);
    this.reading = { analytics: need.objects !== null && reads('analytics'), report: reads('report') };
    const furthest = (method: Method): DateOnly =>
      furthestTaken(refusals, method, limitsOf(profile, method, granularity), today);
    this.furthest = { analytics: furthest('analytics'), report: furthest('report') };
    this.periodsRead = need.periods.map((_, i) => this.cheapest(i, i, 1) !== undefined);
  }

  /** Whether `method` can read this span. */
  readsBy(method: Method, first: number, last: number): boolean {
    if (!this.reading[method]) return false;
    const { profile, today } = this.settings;
    const { rangeDays } = limitsOf(profile, method, this.need.criteria.granularity);
    const from = this.need.periods[first]!.from;
    const to = earlier(this.need.periods[last]!.to, today);
    return from >= this.furthest[method] && daysIn({ from, to }) <= rangeDays;
  }

  /** Some method still reads this period. */
  reads(period: number): boolean {
    return this.periodsRead[period]!;
  }

  /** The cheapest way to read periods `first`–`last` of `ids` objects; undefined if no method can. */
  cheapest(first: number, last: number, ids: number): Span | undefined {
    const { granularity } = this.need.criteria;
    let best: Span | undefined;
    if (this.readsBy('analytics', first, last)) {
      const { ids: perCall } = limitsOf(this.settings.profile, 'analytics', granularity);
      const rows = rowsPerObject(last - first + 1, this.need);
      const fitting = Math.floor((this.settings.rowsPerAnswer ?? ROWS_PER_ANSWER) / rows);
      const idsPerCall = Math.min(perCall, first === last ? Math.max(1, fitting) : fitting);
      if (idsPerCall > 0) {
        best = { method: 'analytics', first, last, idsPerCall, calls: Math.ceil(ids / idsPerCall) };
      }
    }
    const calls = 1 + (this.settings.reportLooks ?? REPORT_POLLS);
    const dear = !best || best.calls > calls;
    if (dear && this.readsBy('report', first, last)) {
      best = { method: 'report', first, last, idsPerCall: Number.POSITIVE_INFINITY, calls };
    }
    return best;
  }
}

/** Cuts the stale periods of `gaps` into spans of the least total cost; periods that no method reaches are left out. */
const cutIntoSpans = (gaps: readonly Gap[], pricer: SpanPricer): Span[] => {
  const stale = [...new Set(gaps.flatMap((gap) => gap.stale))].sort((a, b) => a - b);
  const countBefore = gaps.map((gap) => {
    const own = new Set(gap.stale);
    const counts = [0];
    for (const index of stale) counts.push(counts.at(-1)! + (own.has(index) ? 1 : 0));
    return counts;
  });
  const idsBetween = (i: number, j: number): number =>
    gaps.reduce(
      (ids, gap, g) => (countBefore[g]![j + 1]! > countBefore[g]![i]! ? ids + gap.ids.length : ids),
      0,
    );

  const reachable = stale
    .map((period, position) => ({ period, position }))
    .filter(({ period }) => pricer.reads(period));

  // cost[n]: the least calls that close the n oldest reachable periods, and the span that ends there.
  const cost: { calls: number; span?: Span; before: number }[] = [{ calls: 0, before: 0 }];
  for (let n = 1; n <= reachable.length; n++) {
    let best: { calls: number; span?: Span; before: number } = { calls: Number.POSITIVE_INFINITY, before: 0 };
    const last = reachable[n - 1]!;
    for (let m = n; m >= 1; m--) {
      const first = reachable[m - 1]!;
      const span = pricer.cheapest(first.period, last.period, idsBetween(first.position, last.position));
      if (!span) break;
      const calls = cost[m - 1]!.calls + span.calls;
      if (calls < best.calls) best = { calls, span, before: m - 1 };
    }
    cost.push(best);
  }
  const spans: Span[] = [];
  for (let n = reachable.length; n > 0; n = cost[n]!.before) spans.push(cost[n]!.span!);
  return spans;
};

/** `ids` in slices of `size`. */
export const batches = (ids: readonly string[], size: number): string[][] => {
  const cut: string[][] = [];
  for (let at = 0; at < ids.length; at += size) cut.push(ids.slice(at, at + size));
  return cut;
};

const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : 1);

/** The chunks that read one span: all objects at once if all are wanted, else id batches. */
const chunksOf = (
  span: Span,
  gaps: readonly Gap[],
  need: Need,
  { profile, today }: PlanSettings,
): Chunk[] => {
  const inSpan = gaps.filter((gap) => gap.stale.some((index) => index >= span.first && index <= span.last));
  const ids = inSpan.flatMap((gap) => gap.ids).sort(byNumber);
  const everyone = need.selection === 'all' && ids.length === objectsOf(need).length;
  const chunk = (chunkIds: Chunk['ids'], count: number, apiCalls: number): Chunk => ({
    ...datasetOf(need),
    method: span.method,
    ids: chunkIds,
    from: need.periods[span.first]!.from,
    to: earlier(need.periods[span.last]!.to, today),
    apiCalls,
    rows: count * rowsPerObject(span.last - span.first + 1, need),
  });

  if (span.method === 'report') {
    const { ids: named } = limitsOf(profile, 'report', need.criteria.granularity);
    if (everyone) return [chunk('all', ids.length, span.calls)];
    return [
      chunk(ids.length <= named ? ids : need.selection === 'all' ? 'all' : 'wanted', ids.length, span.calls),
    ];
  }
  if (everyone && span.calls <= FEW_CALLS) {
    return [{ ...chunk('all', ids.length, span.calls), idsPerCall: span.idsPerCall }];
  }
  return batches(ids, span.idsPerCall).map((batch) => chunk(batch, batch.length, 1));
};

/** Stale cells of a need that some method still reaches; `*` counts as one if the objects are not known. */
export const countStale = (need: Need, settings: PlanSettings): number => {
  const known = { ...need, objects: need.objects ?? [] };
  const pricer = new SpanPricer(known, settings);
  const reached = need.periods.map((_, period) => pricer.reads(period));
  return findGaps(need).gaps.reduce(
    (cells, { ids, stale }) => cells + ids.length * stale.filter((period) => reached[period]).length,
    0,
  );
};

export interface Plan {
  /** Newest dates first. */
  chunks: Chunk[];
  /** Stale cells that no method reaches any more; they stay as they are. */
  unreachable: Gap[];
  /** Stale cells that this run has given up after three chunks. */
  abandoned: Gap[];
}

export const newestFirst = (a: Chunk, b: Chunk): number => (a.to === b.to ? 0 : a.to > b.to ? -1 : 1);

/**
 * The chunks of gaps that the same methods are left for. Two ways are priced and the cheaper one taken: time cut into spans that serve all objects
 * together, or each group of objects with the same gap on its own. A chunk's rectangle may hold cells that are not
 * stale; loading leaves those alone.
 */
const planGroup = (gaps: readonly Gap[], pricer: SpanPricer, need: Need, settings: PlanSettings): Chunk[] => {
  const plan = (some: readonly Gap[]): Chunk[] =>
    cutIntoSpans(some, pricer).flatMap((span) => chunksOf(span, some, need, settings));
  const together = plan(gaps);
  // Each gap on its own costs a call at least; if there are many, that cannot be cheaper, and is not priced.
  const least = gaps.filter((gap) => gap.stale.some((period) => pricer.reads(period))).length;
  const apart = least < callsOf(together) ? gaps.flatMap((gap) => plan([gap])) : together;
  return callsOf(apart) < callsOf(together) ? apart : together;
};

/** Plans one dataset. */
export const planNeed = (need: Need, settings: PlanSettings): Plan => {
  const pricer = new SpanPricer(need, settings);
  const { gaps, abandoned } = findGaps(need, (period) => pricer.readsBy('analytics', period, period));
  const groups = new Map<string, [Gap, ...Gap[]]>();
  for (const gap of gaps) {
    const key = (gap.avoid ?? []).join();
    const group = groups.get(key);
    if (group) group.push(gap);
    else groups.set(key, [gap]);
  }
  const chunks: Chunk[] = [];
  const unreachable: Gap[] = [];
  for (const group of groups.values()) {
    const [{ avoid }] = group;
    const left = avoid ? new SpanPricer(need, settings, avoid) : pricer;
    chunks.push(...planGroup(group, left, need, settings));
    for (const { ids, stale } of group) {
      const unread = stale.filter((period) => !left.reads(period));
      const never = unread.filter((period) => !pricer.reads(period));
      const noMore = unread.filter((period) => pricer.reads(period));
      if (never.length > 0) unreachable.push({ ids, stale: never });
      if (noMore.length > 0) abandoned.push({ ids, stale: noMore });
    }
  }
  return { chunks: chunks.sort(newestFirst), unreachable, abandoned };
};
