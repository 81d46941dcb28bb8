// Forgetting cells: they are stale from then on, whenever they were asked for; rows stay until they are replaced.
import {
  advance,
  ALL,
  CoverageIndex,
  newest,
  UNKNOWN_OBJECTS,
  type CoverageRow,
  type CoverageStamp,
  type KnownObject,
  type ScopeRange,
} from './coverage.js';
import type { Granularity } from './chunk.js';
import type { DateOnly, DateRange } from './dates.js';
import { merge, overlaps } from './ranges.js';
import { periodsIn } from './window.js';

/** Which cells of a dataset. */
export interface Forgetting {
  /** Null for all objects. */
  ids: readonly string[] | null;
  /** Null for as far as there is anything. */
  from: DateOnly | null;
  to: DateOnly | null;
}

/**
 * The attribution of coverage that stands for forgotten cells. No spec asks for it, so they are stale; and since they
 * carry the time at which they were forgotten, an answer that was asked for before does not make them current.
 */
const FORGOTTEN = 'forgotten';

export const isForgotten = ({ attribution }: CoverageRow): boolean => attribution === FORGOTTEN;

const fewest = (periods: readonly DateRange[], granularity: Granularity): readonly DateRange[] =>
  granularity === 'TOTAL' ? periods : merge(periods);

/** Whole periods that a row holds and that are to be forgotten, one by one and as few ranges: a week or a month is never cut. */
type ToForget = (row: CoverageRow) => { periods: readonly DateRange[]; ranges: readonly DateRange[] };

/** Thousands of objects have rows of the same dates. */
const toForget = ({ from, to }: Forgetting): ToForget => {
  const known = new Map<string, ReturnType<ToForget>>();
  const find = (row: CoverageRow): ReturnType<ToForget> => {
    const asked = { from: from ?? row.from, to: to ?? row.to };
    const periods = periodsIn(row, row.granularity, row.to).filter((period) => overlaps(period, asked));
    return { periods, ranges: fewest(periods, row.granularity) };
  };
  return (row) => {
    const key = `${row.from} ${row.to}`;
    const found = known.get(key) ?? find(row);
    known.set(key, found);
    return found;
  };
};

const scopesOf = ({ scope }: CoverageRow, ids: ReadonlySet<string> | null): Iterable<string> => {
  if (ids === null) return [scope];
  if (scope === ALL) return ids;
  return ids.has(scope) ? [scope] : [];
};

/** Rows of the same key hold the same cells, as of the same times. */
const keyOf = (rows: readonly CoverageRow[]): string =>
  rows
    .map(({ from, to, askedForMs, askedAfterDays = '', attribution, complete }) =>
      [from, to, askedForMs, askedAfterDays, attribution, complete].join(' '),
    )
    .join();

/** How many cells were held until `atMs`, or forgotten just then: to repeat it changes no number. */
const countCells = (
  coverage: readonly CoverageRow[],
  objects: readonly KnownObject[],
  partsOf: ToForget,
  { granularity, askedForMs: atMs }: CoverageStamp,
): number => {
  const index = new CoverageIndex(coverage);
  const counted = new Map<string, number>();
  const countIn = (rows: readonly CoverageRow[]): number => {
    const periods = new Map<string, DateRange>();
    for (const row of rows)
      for (const period of partsOf(row).periods) periods.set(`${period.from} ${period.to}`, period);
    return [...periods.values()].filter((period) => {
      const held = newest(rows, period, { columns: [], attribution: FORGOTTEN, granularity });
      return held && (!isForgotten(held) || held.askedForMs === atMs);
    }).length;
  };
  return objects.reduce((sum, object) => {
    const rows = index.of(object);
    const key = keyOf(rows);
    const cells = counted.get(key) ?? countIn(rows);
    counted.set(key, cells);
    return sum + cells;
  }, 0);
};

/** Whose cells are counted: those of the catalogue and all that have coverage, or those of them that were named. */
const objectsOf = (
  coverage: readonly CoverageRow[],
  catalogue: readonly KnownObject[],
  { ids }: Forgetting,
): KnownObject[] => {
  const known = new Map(catalogue.map((object) => [object.id, object]));
  const named = ids ?? new CoverageIndex(coverage).ids;
  for (const id of named) if (!known.has(id)) known.set(id, { id, firstSeenMs: Number.POSITIVE_INFINITY });
  if (ids) return ids.map((id) => known.get(id)!);
  return known.size > 0 ? [...known.values()] : [UNKNOWN_OBJECTS];
};

/** What the rows that stay have values of: by these it is told whether they change when they are read again. */
const sharedColumns = ([first, ...others]: readonly CoverageRow[]): string[] =>
  (first?.columns ?? []).filter((column) => others.every(({ columns }) => columns.includes(column)));

/**
 * @param catalogue the dataset's objects, as far as they are known
 * @param atMs the server's time, epoch ms; the same if it is repeated
 */
export const forget = (
  coverage: readonly CoverageRow[],
  catalogue: readonly KnownObject[],
  forgetting: Forgetting,
  atMs: number,
): { coverage: CoverageRow[]; cells: number } => {
  const granularity = coverage[0]?.granularity ?? 'DAY';
  const partsOf = toForget(forgetting);
  const ids = forgetting.ids && new Set(forgetting.ids);
  const byScope = new Map<string, DateRange[]>();
  for (const row of coverage) {
    const { ranges } = partsOf(row);
    for (const scope of scopesOf(row, ids)) {
      const known = byScope.get(scope);
      if (known) known.push(...ranges);
      else byScope.set(scope, [...ranges]);
    }
  }
  const cells: ScopeRange[] = [...byScope].flatMap(([scope, ranges]) =>
    fewest(ranges, granularity).map((range) => ({ scope, ...range })),
  );
  const stamp: CoverageStamp = {
    askedForMs: atMs,
    columns: sharedColumns(coverage),
    attribution: FORGOTTEN,
    granularity,
    knownIdsAtMs: null,
  };
  return {
    coverage: advance(coverage, cells, cells, stamp, { granularity }),
    cells: countCells(coverage, objectsOf(coverage, catalogue, forgetting), partsOf, stamp),
  };
};
