// Coverage: which cells the store holds, as of when, and which of the wanted ones are stale. The checkpoint.
import {
  addDays,
  dateOf,
  dayNumber,
  earlier,
  later,
  midnightMs,
  type DateOnly,
  type DateRange,
} from './dates.js';
import type { Granularity } from './chunk.js';
import { contains, merge, overlaps, subtractAll } from './ranges.js';

/** The scope that stands for every object of the account. */
export const ALL = '*';

export interface CoverageRow extends DateRange {
  /** `*` or an object id. */
  scope: string;
  /** When the fetching attempt was scheduled, server's time, epoch ms (for a report: the attempt that asked for it). */
  askedForMs: number;
  /**
   * Of cells that were asked for one after the other (`mergeFinal`): each of them at least so many days after its last
   * day; `askedForMs` is that of the last. Left out if all were asked for at once.
   */
  askedAfterDays?: number;
  columns: readonly string[];
  /** `attributionOf`: the attribution settings that the numbers were asked with. */
  attribution: string;
  granularity: Granularity;
  /** False if a row was rejected: such a cell never becomes final. */
  complete: boolean;
  /** Under `*`: when the catalogue was read whose ids the answer named; null for an answer that named none. */
  knownIdsAtMs: number | null;
}

/** What a dataflow wants of a cell. */
export interface FreshnessCriteria {
  columns: readonly string[];
  attribution: string;
  granularity: Granularity;
  restateDays: number;
  /** A cell that is not final is stale when asked for before this: the run's start or the last UTC midnight. */
  freshSinceMs: number;
  /** An on-demand window reads final cells again too. */
  rereadFinal: boolean;
  /** A repair reads again what is held and noted as incomplete, and nothing else. */
  onlyIncomplete?: boolean;
}

/** Days beyond `restateDays` until a period's numbers are final, for time zones west of UTC. */
export const SETTLE_DAYS = 2;

/** Days between a period's last day and the day from which its numbers are final. */
export const settleDays = (restateDays: number): number => restateDays + SETTLE_DAYS;

/** The newest date whose numbers are final when they are asked for at `askedForMs`. */
export const finalUntil = (askedForMs: number, restateDays: number): DateOnly =>
  addDays(dateOf(askedForMs), -settleDays(restateDays));

/** *Final* once asked for `restateDays` + 2 days or more after its last day. */
export const isFinal = (askedForMs: number, period: DateRange, restateDays: number): boolean =>
  period.to <= finalUntil(askedForMs, restateDays);

/** When one of a row's cells was asked for, epoch ms: no later than it was in truth. */
export const askedForAt = ({ askedForMs, askedAfterDays }: CoverageRow, period: DateRange): number =>
  askedAfterDays === undefined
    ? askedForMs
    : Math.min(askedForMs, midnightMs(addDays(period.to, askedAfterDays)));

/** Some of a row's cells. */
const partOf = (row: CoverageRow, part: DateRange): CoverageRow => ({
  ...row,
  from: part.from,
  to: part.to,
  askedForMs: askedForAt(row, part),
});

/** A TOTAL is one cell that cannot be cut: only the very same window holds it. */
const holds = (row: DateRange, period: DateRange, granularity: Granularity): boolean =>
  granularity === 'TOTAL' ? row.from === period.from && row.to === period.to : contains(row, period);

/** How the numbers of a cell are wanted, or were asked for. */
export type Asked = Pick<CoverageRow, 'columns' | 'attribution' | 'granularity'>;

/** Whether a row holds its cells as they are wanted. */
export const fits = (row: CoverageRow, { columns, attribution, granularity }: Asked): boolean => {
  if (row.attribution !== attribution || row.granularity !== granularity) return false;
  const held = new Set(row.columns);
  return columns.every((column) => held.has(column));
};

/**
 * The coverage that counts for a period: the newest; of two of the same age the one that says less, which is the
 * incomplete one, then the one that does not hold the cell as it is wanted. The view `freshness` has the same rule.
 */
export const newest = (
  rows: readonly CoverageRow[],
  period: DateRange,
  wanted: Asked,
): CoverageRow | undefined => {
  let best: CoverageRow | undefined;
  let bestAskedForMs = Number.NEGATIVE_INFINITY;
  const saysLess = (row: CoverageRow, than: CoverageRow): boolean =>
    row.complete === than.complete ? fits(than, wanted) && !fits(row, wanted) : !row.complete;
  for (const row of rows) {
    if (!holds(row, period, wanted.granularity)) continue;
    const askedForMs = askedForAt(row, period);
    if (askedForMs > bestAskedForMs || (best && askedForMs === bestAskedForMs && saysLess(row, best))) {
      best = row;
      bestAskedForMs = askedForMs;
    }
  }
  return best;
};

export const isStale = (
  row: CoverageRow | undefined,
  period: DateRange,
  criteria: FreshnessCriteria,
): boolean => {
  if (criteria.onlyIncomplete)
    return row !== undefined && !row.complete && askedForAt(row, period) < criteria.freshSinceMs;
  if (!row || !fits(row, criteria)) return true;
  const askedForMs = askedForAt(row, period);
  if (askedForMs >= criteria.freshSinceMs) return false;
  return criteria.rereadFinal || !row.complete || !isFinal(askedForMs, period, criteria.restateDays);
};

export interface KnownObject {
  id: string;
  /** When the catalogue first showed it, epoch ms. */
  firstSeenMs: number;
}

/** Stands for the objects that the catalogue has not shown: only an answer that named no ids holds it. */
export const UNKNOWN_OBJECTS: KnownObject = { id: ALL, firstSeenMs: Number.POSITIVE_INFINITY };

/** Coverage of one object type, ready to be asked for the rows that speak for an object. */
export class CoverageIndex {
  private readonly all: CoverageRow[] = [];
  private readonly byId = new Map<string, CoverageRow[]>();

  constructor(rows: readonly CoverageRow[]) {
    for (const row of rows) {
      if (row.scope === ALL) this.all.push(row);
      else this.byId.set(row.scope, [...(this.byId.get(row.scope) ?? []), row]);
    }
  }

  /** Ids that have coverage of their own. */
  get ids(): string[] {
    return [...this.byId.keys()];
  }

  /** Rows that hold cells of `object`: `*` if it knew the object or named no ids, and the object's own. */
  of(object: KnownObject): CoverageRow[] {
    const own = this.byId.get(object.id) ?? [];
    const shared = this.all.filter(
      (row) => row.knownIdsAtMs === null || object.firstSeenMs <= row.knownIdsAtMs,
    );
    return own.length === 0 ? shared : [...shared, ...own];
  }

  /** Two objects of the same key are held alike, so that staleness is computed once for all of them. */
  keyOf(object: KnownObject): string {
    if (this.byId.has(object.id)) return `id:${object.id}`;
    const known = this.all.filter(
      (row) => row.knownIdsAtMs === null || object.firstSeenMs <= row.knownIdsAtMs,
    );
    return `shared:${known.length === this.all.length ? 'all' : object.firstSeenMs}`;
  }
}

/** Dates (as ranges) that become current under a scope. */
export interface ScopeRange extends DateRange {
  scope: string;
}

/** What an answer says of itself when coverage advances by it. */
export type CoverageStamp = Omit<CoverageRow, 'scope' | 'from' | 'to' | 'complete' | 'askedAfterDays'>;

const sameColumns = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((column, index) => column === b[index]);

/** True for two rows that follow one another and say the same of their cells, but for when and with which ids they were asked for. */
const alike = (a: CoverageRow, b: CoverageRow): boolean =>
  a.scope === b.scope &&
  a.complete === b.complete &&
  a.attribution === b.attribution &&
  a.granularity === b.granularity &&
  dayNumber(b.from) - dayNumber(a.to) === 1 &&
  sameColumns(a.columns, b.columns);

/**
 * Fewer rows: of neighbours that are alike, those that become one.
 * @param asOne the two as one row, if they may become one
 */
export const joined = (
  rows: readonly CoverageRow[],
  granularity: Granularity,
  asOne: (a: CoverageRow, b: CoverageRow) => CoverageRow | undefined,
): CoverageRow[] => {
  if (granularity === 'TOTAL') return [...rows];
  const sorted = [...rows].sort((a, b) =>
    a.scope === b.scope ? (a.from < b.from ? -1 : 1) : a.scope < b.scope ? -1 : 1,
  );
  const kept: CoverageRow[] = [];
  for (const row of sorted) {
    const last = kept.at(-1);
    const one = last && alike(last, row) ? asOne(last, row) : undefined;
    if (one) kept[kept.length - 1] = one;
    else kept.push(row);
  }
  return kept;
};

/**
 * Fewer rows that say the same. They must be of the same age: with one age for both, some cells would count as asked
 * for earlier or later than they were, and so as not final, or as final too early.
 */
const compact = (
  rows: readonly CoverageRow[],
  { granularity }: Pick<FreshnessCriteria, 'granularity'>,
): CoverageRow[] =>
  joined(rows, granularity, (a, b) =>
    a.knownIdsAtMs === b.knownIdsAtMs &&
    a.askedAfterDays === b.askedAfterDays &&
    (a.askedAfterDays !== undefined || a.askedForMs === b.askedForMs)
      ? { ...a, to: b.to, askedForMs: b.askedForMs }
      : undefined,
  );

/** Coverage in which cells of single objects are noted as incomplete: they keep their age, and are stale from now on. */
export const noteIncomplete = (
  rows: readonly CoverageRow[],
  cells: readonly ScopeRange[],
  criteria: Pick<FreshnessCriteria, 'granularity'>,
): CoverageRow[] => {
  const noted = cells.flatMap(({ scope, from, to }) =>
    rows
      .filter((row) => (row.scope === ALL || row.scope === scope) && overlaps(row, { from, to }))
      .map((row) => ({
        ...partOf(row, { from: later(row.from, from), to: earlier(row.to, to) }),
        scope,
        complete: false,
        knownIdsAtMs: null,
      })),
  );
  return compact([...rows, ...noted], criteria);
};

/**
 * Coverage after an answer: `include` becomes current, `incomplete` (cells with rejected rows) is noted as such.
 * Older coverage of the same cells goes, newer coverage of single objects stays.
 */
export const advance = (
  rows: readonly CoverageRow[],
  include: readonly ScopeRange[],
  incomplete: readonly ScopeRange[],
  stamp: CoverageStamp,
  criteria: Pick<FreshnessCriteria, 'granularity'>,
): CoverageRow[] => {
  const total = criteria.granularity === 'TOTAL';
  const rangesOf = new Map<string, DateRange[]>();
  for (const { scope, from, to } of include)
    rangesOf.set(scope, [...(rangesOf.get(scope) ?? []), { from, to }]);
  const everyone = rangesOf.get(ALL) ?? [];

  const left = rows.flatMap((row) => {
    const own = rangesOf.get(row.scope) ?? [];
    const superseded = row.askedForMs <= stamp.askedForMs ? [...own, ...everyone] : own;
    // A TOTAL's row stands at its window's last day: windows that end on other days stand beside it.
    if (total) return superseded.some((range) => range.to === row.to) ? [] : [row];
    return subtractAll(row, superseded).map((part) => partOf(row, part));
  });

  const broken = new Map<string, DateRange[]>();
  for (const { scope, from, to } of incomplete)
    broken.set(scope, [...(broken.get(scope) ?? []), { from, to }]);
  const row = (scope: string, range: DateRange, complete: boolean): CoverageRow => ({
    ...stamp,
    knownIdsAtMs: scope === ALL ? stamp.knownIdsAtMs : null,
    ...range,
    scope,
    complete,
  });
  const added = [...rangesOf].flatMap(([scope, ranges]) => {
    const holes = broken.get(scope) ?? [];
    const whole = total ? ranges : merge(ranges);
    return whole.flatMap((range) =>
      (total && holes.length > 0 ? [] : subtractAll(range, holes)).map((part) => row(scope, part, true)),
    );
  });
  const noted = [...broken].flatMap(([scope, ranges]) =>
    (total ? ranges.slice(0, 1) : merge(ranges)).map((range) => row(scope, range, false)),
  );
  return compact([...left, ...added, ...noted], criteria);
};
