// Which cells an answer may replace: those of its chunk that are stale and not held by a newer answer.
import type { Chunk } from './chunk.js';
import {
  ALL,
  askedForAt,
  CoverageIndex,
  isStale,
  newest,
  UNKNOWN_OBJECTS,
  type CoverageRow,
  type KnownObject,
  type ScopeRange,
} from './coverage.js';
import { dateOf, earlier, type DateOnly, type DateRange } from './dates.js';
import type { Need } from './gaps.js';
import { merge, overlaps } from './ranges.js';

export interface Replacement {
  /** What the answer replaces and what coverage advances by. */
  include: ScopeRange[];
  /** Cells under an included `*` that are left alone: a newer answer holds them. */
  exclude: ScopeRange[];
  /** Included cells that were covered before, and so are read again: the evidence for restatements. */
  reread: {
    /** How many; `*` counts its known objects. */
    cells: number;
    ranges: ScopeRange[];
    /** Columns that all of them carried: only these can be told to have changed. */
    columns: string[];
  };
}

/** `newer`: another answer, asked for later, holds the cell. */
interface Verdict {
  is: 'stale' | 'newer' | 'current';
  held: CoverageRow | undefined;
}

/** Judges the cells of objects; objects that are held alike are judged once. */
const judge = (need: Need, periods: readonly DateRange[], askedForMs: number) => {
  const index = new CoverageIndex(need.coverage);
  const judged = new Map<string, Verdict[]>();
  const verdictsOf = (object: KnownObject): Verdict[] => {
    const key = index.keyOf(object);
    let verdicts = judged.get(key);
    if (!verdicts) {
      const rows = index.of(object);
      verdicts = periods.map((period) => {
        const row = newest(rows, period, need.criteria);
        if (row && askedForAt(row, period) > askedForMs) return { is: 'newer', held: row };
        return { is: isStale(row, period, need.criteria) ? 'stale' : 'current', held: row };
      });
      judged.set(key, verdicts);
    }
    return verdicts;
  };
  return { verdictsOf, idsWithCoverage: index.ids };
};

class ScopeRanges {
  private readonly byScope = new Map<string, DateRange[]>();

  add(scope: string, period: DateRange): void {
    const ranges = this.byScope.get(scope);
    if (ranges) ranges.push(period);
    else this.byScope.set(scope, [period]);
  }

  /** `mergeable`: whether neighbouring periods may become one range. */
  list(mergeable: boolean): ScopeRange[] {
    return [...this.byScope].flatMap(([scope, ranges]) =>
      (mergeable ? merge(ranges) : ranges).map(({ from, to }) => ({ scope, from, to })),
    );
  }
}

/**
 * The periods that a chunk's answer holds: whole ones, and the one in progress if the chunk reached the date on
 * which it was asked. After midnight the window has moved on, and what was planned before may fall short of it.
 */
const periodsOf = (chunk: Chunk, need: Need, askedOn: DateOnly): DateRange[] =>
  need.periods.filter(({ from, to }) =>
    need.criteria.granularity === 'TOTAL'
      ? from === chunk.from && to === chunk.to
      : from >= chunk.from && from <= chunk.to && earlier(to, askedOn) <= chunk.to,
  );

/**
 * Settles, inside the lock of a commit, what `chunk`'s answer of `askedForMs` replaces. A chunk that names no ids
 * replaces a whole period under `*` if none of its objects is current and no newer `*` holds it; elsewhere only the
 * stale objects.
 */
export const settleReplacement = (
  chunk: Chunk,
  need: Need,
  askedForMs: number,
  today: DateOnly,
): Replacement => {
  const periods = periodsOf(chunk, need, earlier(dateOf(askedForMs), today));
  const { verdictsOf, idsWithCoverage } = judge(need, periods, askedForMs);
  const include = new ScopeRanges();
  const exclude = new ScopeRanges();
  const reread = new ScopeRanges();
  const heldRows = new Set<CoverageRow>();
  let cells = 0;
  const readAgain = (scope: string, period: DateRange, held: readonly CoverageRow[]): void => {
    reread.add(scope, period);
    for (const row of held) heldRows.add(row);
  };
  const replace = (id: string, period: DateRange, { held }: Verdict): void => {
    include.add(id, period);
    if (!held) return;
    cells += 1;
    readAgain(id, period, [held]);
  };
  /** Under `*`: of objects that no answer covered before, everything is new, and nothing is read again. */
  const replaceAll = (
    period: DateRange,
    stale: readonly { id: string; held: CoverageRow | undefined }[],
    all: Verdict,
  ): void => {
    include.add(ALL, period);
    const held = stale.flatMap(({ id, held }) => (held ? [{ id, held }] : []));
    cells += held.length;
    if (all.held)
      readAgain(
        ALL,
        period,
        held.map((object) => object.held),
      );
    else for (const object of held) readAgain(object.id, period, [object.held]);
  };

  const known = need.objects ?? [];
  if (chunk.ids === 'all') {
    const catalogued = new Set(known.map((object) => object.id));
    const others = idsWithCoverage.filter((id) => !catalogued.has(id)).map((id) => ({ id, firstSeenMs: 0 }));
    const everyone = [...known, ...others, ...(need.objects === null ? [UNKNOWN_OBJECTS] : [])];
    const judged = everyone.map((object) => ({ id: object.id, verdicts: verdictsOf(object) }));
    // An analytics answer names the catalogue's ids; a report holds those of others too.
    const answered = (id: string): boolean => id !== ALL && (chunk.method === 'report' || catalogued.has(id));
    // Held only by answers that named no ids: such a one held every object.
    const nobodyInParticular = verdictsOf(UNKNOWN_OBJECTS);
    const underAll = need.coverage.filter((row) => row.scope === ALL);
    periods.forEach((period, i) => {
      const stale = judged.filter(({ verdicts }) => verdicts[i]!.is === 'stale');
      if (stale.length === 0) return;
      // `*` speaks for every object, so it never goes back behind a newer `*`; objects unknown to the catalogue
      // have no other name.
      const newerAll = underAll.some((row) => overlaps(row, period) && askedForAt(row, period) > askedForMs);
      const nameless = stale.some(({ id }) => id === ALL);
      if (newerAll || (!nameless && judged.some(({ verdicts }) => verdicts[i]!.is === 'current'))) {
        for (const { id, verdicts } of stale) if (answered(id)) replace(id, period, verdicts[i]!);
        return;
      }
      replaceAll(
        period,
        stale.map(({ id, verdicts }) => ({ id, held: verdicts[i]!.held })),
        nobodyInParticular[i]!,
      );
      for (const { id, verdicts } of judged) {
        if (verdicts[i]!.is === 'newer' && id !== ALL) exclude.add(id, period);
      }
    });
  } else {
    const named = chunk.ids === 'wanted' ? null : new Set(chunk.ids);
    for (const object of known) {
      if (named && !named.has(object.id)) continue;
      verdictsOf(object).forEach((verdict, i) => {
        if (verdict.is === 'stale') replace(object.id, periods[i]!, verdict);
      });
    }
  }
  const mergeable = need.criteria.granularity !== 'TOTAL';
  return {
    include: include.list(mergeable),
    exclude: exclude.list(mergeable),
    reread: {
      cells,
      ranges: reread.list(mergeable),
      columns: need.criteria.columns.filter((column) =>
        [...heldRows].every((row) => row.columns.includes(column)),
      ),
    },
  };
};
