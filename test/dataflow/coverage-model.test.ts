// Coverage against the simplest model of it, a map from cell to answer: whatever answers come, in whatever order, a
// cell is held by the newest one, and the rows of the store are the rows of that answer.
import fc from 'fast-check';
import type { Chunk } from '../../src/dataflow/chunk.js';
import { isStale, type CoverageRow, type KnownObject } from '../../src/dataflow/coverage.js';
import { midnightMs, type DateRange } from '../../src/dataflow/dates.js';
import { MemoryStore, type Answer } from './answers.js';
import { ago, cellName, claimOf, daysBack, DAY_MS, needWith, criteriaOf } from './needs.js';
import { runs } from '../support/random.js';

const START = midnightMs(ago(6));
/** The catalogue is read twice, and shows the third object only then. */
const FIRST_READ = START;
const SECOND_READ = START + 4 * DAY_MS;
const EVERYONE: KnownObject[] = [
  { id: 'a', firstSeenMs: FIRST_READ },
  { id: 'b', firstSeenMs: FIRST_READ },
  { id: 'c', firstSeenMs: SECOND_READ },
];
const PERIODS = daysBack(7);

const step = fc.record({
  kind: fc.constantFrom('report', 'analytics', 'ids' as const),
  ids: fc.subarray(['a', 'b', 'c'], { minLength: 1 }),
  first: fc.nat(6),
  last: fc.nat(6),
  askedAt: fc.nat(9 * 48),
  runStarted: fc.nat(48),
  catalogue: fc.constantFrom('none', 'first', 'second' as const),
  columns: fc.constantFrom(['CTR'], ['CTR', 'ECTR']),
  attribution: fc.constantFrom('30/30/1', '30/30/1', '7/7/1'),
  restateDays: fc.constantFrom(0, 1),
  rereadFinal: fc.boolean(),
  rejected: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(6)), { maxLength: 2 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const answerOf = (s: Step, i: number): Answer => {
  // No two attempts are scheduled at the same moment.
  const askedForMs = START + s.askedAt * (DAY_MS / 48) + i;
  const known = EVERYONE.filter(({ firstSeenMs }) => s.catalogue === 'second' || firstSeenMs === FIRST_READ);
  const named = s.ids.filter((id) => s.catalogue === 'none' || known.some((object) => object.id === id));
  const whole = s.kind !== 'ids';
  const catalogue =
    s.catalogue === 'none' ? (whole ? null : named.map((id) => ({ id, firstSeenMs: 0 }))) : known;
  // Without a catalogue all objects are read by reports only.
  const method = s.kind === 'report' || (whole && catalogue === null) ? 'report' : 'analytics';
  const chunk: Chunk = {
    objectType: 'campaigns',
    method,
    ids: whole ? 'all' : named,
    from: PERIODS[Math.min(s.first, s.last)]!.from,
    to: PERIODS[Math.max(s.first, s.last)]!.to,
    apiCalls: 1,
    rows: 1,
  };
  const answered = method === 'report' ? EVERYONE : (catalogue ?? []);
  const ids = whole ? answered.map(({ id }) => id) : named;
  return {
    chunk,
    need: needWith({
      selection: whole ? 'all' : 'some',
      objects: catalogue,
      periods: PERIODS,
      criteria: criteriaOf({
        columns: s.columns,
        attribution: s.attribution,
        restateDays: s.restateDays,
        rereadFinal: s.rereadFinal,
        freshSinceMs: askedForMs - s.runStarted * (DAY_MS / 48),
      }),
    }),
    stamp: {
      askedForMs,
      columns: s.columns,
      attribution: s.attribution,
      granularity: 'DAY',
      knownIdsAtMs:
        method === 'report' || s.catalogue === 'none'
          ? null
          : s.catalogue === 'first'
            ? FIRST_READ
            : SECOND_READ,
    },
    ids,
    rejected: s.rejected
      .filter(([id]) => ids.includes(id))
      .map(([id, day]) => ({ id, period: PERIODS[day]! })),
  };
};

const told = (row: CoverageRow | undefined): string =>
  row ? JSON.stringify([row.askedForMs, row.columns, row.attribution, row.complete]) : 'not held';

const answers = fc.array(step, { minLength: 1, maxLength: 12 }).map((steps) => steps.map(answerOf));

/** What the model holds of a cell. */
const put = ({ stamp, rejected = [] }: Answer, id: string, date: string): CoverageRow => ({
  ...stamp,
  scope: id,
  from: date,
  to: date,
  complete: !rejected.some((cell) => cell.id === id && cell.period.from === date),
});

/** What the model lets a cell hold after an answer: one thing, unless the attempt knew nothing of the object. */
const possible = (
  answer: Answer,
  object: KnownObject,
  period: DateRange,
  held: CoverageRow | undefined,
): (CoverageRow | undefined)[] => {
  const { chunk, need, stamp, ids } = answer;
  const asked = chunk.from <= period.from && period.to <= chunk.to;
  if (!asked || (held && held.askedForMs > stamp.askedForMs)) return [held];
  const news = ids.includes(object.id) ? [put(answer, object.id, period.from)] : [];
  const catalogued = need.objects?.find(({ id }) => id === object.id);
  // Read for everyone, its cell may have come along, or gone with the whole date.
  if (!catalogued) return chunk.ids === 'all' ? [held, undefined, ...news] : [held];
  // Named before the catalogue was read: whether `*` speaks for it was not known then.
  if (catalogued.firstSeenMs === 0) return [held, ...news];
  return isStale(held, period, need.criteria) && news.length > 0 ? news : [held];
};

test('the newest answer holds a cell, a late one leaves it alone, and what is not stale stays', () => {
  fc.assert(
    fc.property(answers, (list) => {
      const store = new MemoryStore();
      const wrong: string[] = [];
      const model = new Map<string, CoverageRow | undefined>();
      for (const answer of list) {
        store.commit(answer);
        for (const object of EVERYONE) {
          for (const period of PERIODS) {
            const cell = cellName(object.id, period);
            const claim = claimOf(store.coverage, object, period, criteriaOf());
            const expected = possible(answer, object, period, model.get(cell));
            if (!expected.map(told).includes(told(claim))) {
              wrong.push(`${cell} is ${told(claim)}, not ${expected.map(told).join(' or ')}`);
            }
            model.set(cell, claim);
          }
        }
      }
      expect(wrong).toEqual([]);
    }),
    runs(500),
  );
});

test('a cell that is held has the rows of the very answer that holds it', () => {
  fc.assert(
    fc.property(answers, (list) => {
      const store = new MemoryStore();
      const wrong: string[] = [];
      for (const answer of list) {
        store.commit(answer);
        for (const object of EVERYONE) {
          for (const period of PERIODS) {
            const claim = claimOf(store.coverage, object, period, criteriaOf());
            const rowsOf = store.rows.get(cellName(object.id, period));
            if (claim && rowsOf !== claim.askedForMs) {
              wrong.push(`${object.id} ${period.from}: held as of ${claim.askedForMs}, rows of ${rowsOf}`);
            }
          }
        }
      }
      expect(wrong).toEqual([]);
    }),
    runs(500),
  );
});
