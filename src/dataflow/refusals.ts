// What Pinterest refuses an ad account beyond its stated limits, found out today: not asked for again before tomorrow.
import { methodReads } from './columns.js';
import type { Method } from './chunk.js';
import { daysIn, later, type DateOnly, type DateRange } from './dates.js';
import { furthestDate, type Limits } from './guardrails.js';
import type { RunError } from './flow-run.js';
import type { DataflowSpec } from './spec.js';

export interface Refusal {
  method: Method;
  /** `dates`: those before `value`. `column`: the one named `value`. `everything`: whatever is asked; no value. */
  what: 'dates' | 'column' | 'everything';
  value: string;
  /** Pinterest's own words. */
  said: string;
}

export const isSame = (a: Refusal, b: Refusal): boolean =>
  a.method === b.method && a.what === b.what && a.value === b.value;

/** The furthest date that `method` is asked for. */
export const furthestTaken = (
  refusals: readonly Refusal[],
  method: Method,
  { daysBack }: Limits,
  today: DateOnly,
): DateOnly =>
  refusals
    .filter((refusal) => refusal.method === method && refusal.what === 'dates')
    .reduce((furthest, { value }) => later(furthest, value), furthestDate(today, daysBack));

/** True if `method` may be asked for this range. */
export const takesDates = (
  refusals: readonly Refusal[],
  method: Method,
  limits: Limits,
  range: DateRange,
  today: DateOnly,
): boolean =>
  range.from >= furthestTaken(refusals, method, limits, today) && daysIn(range) <= limits.rangeDays;

/** True if `method` can read every one of `columns`, and is not known to refuse one of them. */
export const takesColumns = (
  refusals: readonly Refusal[],
  method: Method,
  columns: readonly string[],
): boolean =>
  methodReads(method, columns) &&
  !refusals.some(
    ({ method: by, what, value }) =>
      by === method && (what === 'everything' || (what === 'column' && columns.includes(value))),
  );

/** The columns that are left out today: those refused, if no method takes all that the spec wants. */
export const columnsLeftOut = (refusals: readonly Refusal[], columns: readonly string[]): string[] => {
  if ((['analytics', 'report'] as const).some((method) => takesColumns(refusals, method, columns))) return [];
  const refused = columns.filter((column) =>
    refusals.some(({ what, value }) => what === 'column' && value === column),
  );
  return refused.length < columns.length ? refused : [];
};

/** The spec without some of its columns. */
export const without = (spec: DataflowSpec, columns: readonly string[] = []): DataflowSpec =>
  columns.length === 0
    ? spec
    : {
        ...spec,
        source: {
          ...spec.source,
          columns: spec.source.columns.filter((column) => !columns.includes(column)),
        },
      };

const BY: Readonly<Record<Method, string>> = { analytics: 'Analytics calls', report: 'Reports' };

const NOT_TAKEN: Readonly<Record<Refusal['what'], (value: string) => string>> = {
  dates: (value) => `no dates before ${value}`,
  column: (value) => `no column ${value}`,
  everything: () => 'nothing at all',
};

/** Each refusal in one sentence, for the record. */
export const tellRefusals = (refusals: readonly Refusal[]): RunError[] =>
  refusals.map(({ method, what, value, said }) => ({
    code: 'Refused',
    message:
      `${BY[method]} give this ad account ${NOT_TAKEN[what](value)} today (${said}): what Pinterest gives another way ` +
      'is read that way, and after midnight UTC it is tried again.',
  }));

export const tellLeftOut = (columns: readonly string[]): RunError[] =>
  columns.map((column) => ({
    code: 'ColumnRefused',
    message: `Pinterest refuses the column ${column} to this ad account today: the others were read without it. Leave it out of source.columns, or wait: the next day asks for it again.`,
  }));
