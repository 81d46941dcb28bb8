// Random needs: few or many objects, any granularity, a store that holds some of it in some state.
import fc from 'fast-check';
import { ALL, type CoverageRow } from '../../src/dataflow/coverage.js';
import { addDays, midnightMs } from '../../src/dataflow/dates.js';
import type { Granularity } from '../../src/dataflow/chunk.js';
import type { Need } from '../../src/dataflow/gaps.js';
import { rowsPerCell } from '../../src/dataflow/guardrails.js';
import type { PlanSettings } from '../../src/dataflow/plan.js';
import { ago, daysBack, DAY_MS, NOW, objects, rowOf, TODAY, criteriaOf } from './needs.js';

/** When the catalogue was read last, and when before that. */
export const CATALOGUE_AT = NOW - 3_600_000;
const CATALOGUE_BEFORE = NOW - 5 * DAY_MS;

/** What a spec may want: columns that every method reads, or only one of them. */
const columns = fc.oneof(
  { weight: 6, arbitrary: fc.constant(criteriaOf().columns) },
  fc.constant(['CTR', 'CAMPAIGN_STATUS']),
  fc.constant(['CTR', 'QUIZ_PIN_RESULT_OPEN']),
);

const count = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }) },
  fc.integer({ min: 90, max: 260 }),
  fc.integer({ min: 490, max: 770 }),
);

interface Held {
  /** Which objects, by position; undefined for `*`. */
  of: [number, number] | undefined;
  begins: number;
  days: number;
  /** Asked for one after the other, so many days after each. */
  askedAfterDays: number | undefined;
  row: Pick<CoverageRow, 'askedForMs' | 'columns' | 'attribution' | 'complete'>;
}

const held = (most: number, longest: number, wanted: readonly string[]): fc.Arbitrary<Held> =>
  fc.record({
    of: fc.option(fc.tuple(fc.nat(most - 1), fc.nat(most - 1)), { nil: undefined }),
    begins: fc.integer({ min: -1, max: longest }),
    days: fc.integer({ min: 1, max: longest }),
    askedAfterDays: fc.option(fc.nat(40), { nil: undefined, freq: 3 }),
    row: fc.record({
      askedForMs: fc.oneof(
        fc.constant(NOW + 60_000),
        fc.integer({ min: 0, max: 120 }).map((days) => NOW - days * DAY_MS),
      ),
      columns: fc.oneof({ weight: 4, arbitrary: fc.constant(wanted) }, fc.constant(['CTR'])),
      attribution: fc.oneof({ weight: 4, arbitrary: fc.constant('30/30/1') }, fc.constant('7/7/1')),
      complete: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    }),
  });

const rows = (
  list: readonly Held[],
  most: number,
  knownIdsAtMs: (number | null)[],
  granularity: Granularity,
): CoverageRow[] =>
  list.flatMap(({ of, begins, days, row, askedAfterDays }, i) => {
    const from = ago(begins + days - 1);
    const to = ago(begins);
    const known = knownIdsAtMs[i % knownIdsAtMs.length]!;
    // No two answers were asked for at the same moment.
    const aged =
      askedAfterDays === undefined || askedAfterDays >= begins || granularity === 'TOTAL'
        ? { ...row, askedForMs: row.askedForMs - i }
        : { ...row, askedAfterDays, askedForMs: midnightMs(addDays(to, askedAfterDays)) };
    if (!of) return [rowOf(ALL, from, to, { ...aged, knownIdsAtMs: known })];
    const ids = objects(most).slice(Math.min(...of), Math.max(...of) + 1);
    return ids.map(({ id }) => rowOf(id, from, to, aged));
  });

export interface Case {
  need: Need;
  settings: PlanSettings;
}

/** A need and the limits to plan it within. */
export const needs = (
  granularities: readonly Granularity[] = ['DAY', 'WEEK', 'MONTH', 'HOUR', 'TOTAL'],
): fc.Arbitrary<Case> =>
  fc
    .tuple(fc.constantFrom(...granularities), count, columns)
    .chain(([granularity, most, wanted]) => {
      const longest = granularity === 'HOUR' ? 8 : granularity === 'TOTAL' ? 186 : 200;
      return fc.record({
        granularity: fc.constant(granularity),
        most: fc.constant(most),
        wanted: fc.constant(wanted),
        window: fc.oneof(
          { weight: 3, arbitrary: fc.integer({ min: 1, max: Math.min(longest, 40) }) },
          fc.integer({ min: 1, max: longest }),
          fc.constant(longest),
        ),
        selection: fc.constantFrom('all' as const, 'some' as const),
        late: fc.oneof(fc.constant(0), fc.nat(most)),
        holds: fc.array(held(most, longest, wanted), { maxLength: 5 }),
        known: fc.array(fc.constantFrom(null, CATALOGUE_AT, CATALOGUE_BEFORE), {
          minLength: 1,
          maxLength: 4,
        }),
        unread: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)),
        restateDays: fc.constantFrom(0, 7, 30),
        rereadFinal: fc.boolean(),
        breakdown: fc.oneof(
          { weight: 4, arbitrary: fc.constant(undefined) },
          fc.constantFrom('GENDER', 'KEYWORD'),
        ),
        profile: fc.constantFrom('current' as const, 'v5-2023' as const),
        rowsPerAnswer: fc.option(fc.integer({ min: most < 10 ? 1 : 400, max: 2_000 }), {
          nil: undefined,
          freq: 2,
        }),
      });
    })
    .map((c) => ({
      need: {
        objectType: 'campaigns',
        ...(c.breakdown === undefined ? {} : { breakdown: c.breakdown }),
        selection: c.selection,
        // The last few were first seen since the catalogue before.
        objects:
          c.unread && c.selection === 'all'
            ? null
            : objects(c.most).map(({ id }, i) => ({
                id,
                firstSeenMs: i < c.most - c.late ? 0 : CATALOGUE_AT,
              })),
        periods: daysBack(c.window, c.granularity),
        coverage: rows(c.holds, c.most, c.known, c.granularity),
        criteria: criteriaOf({
          granularity: c.granularity,
          columns: c.wanted,
          restateDays: c.restateDays,
          rereadFinal: c.rereadFinal,
        }),
        failed: [],
      },
      settings: {
        profile: c.profile,
        today: TODAY,
        // In cells, so that a breakdown of many values does not cut a plan into thousands of chunks.
        ...(c.rowsPerAnswer === undefined
          ? {}
          : { rowsPerAnswer: c.rowsPerAnswer * (c.most < 10 ? 1 : rowsPerCell(c.breakdown)) }),
      },
    }));
