// After a refusal: few more calls, and whatever can still be read is read.
import fc from 'fast-check';
import {
  answerFailures,
  manyReportsLost,
  reportsAreLost,
  type Knowledge,
} from '../../src/dataflow/after-failure.js';
import type { Chunk } from '../../src/dataflow/chunk.js';
import { advance } from '../../src/dataflow/coverage.js';
import { findGaps, type FailedChunk, type Need } from '../../src/dataflow/gaps.js';
import { gistOf } from '../../src/dataflow/gist.js';
import { datasetKey } from '../../src/dataflow/object-types.js';
import { planNeed, type Plan } from '../../src/dataflow/plan.js';
import type { Refusal } from '../../src/dataflow/refusals.js';
import { settleReplacement } from '../../src/dataflow/replace.js';
import { CATALOGUE_AT } from './arbitrary-needs.js';
import { ago, daysBack, idsOf, needWith, NOW, objects, TODAY } from './needs.js';

/** What a server says to a chunk: undefined, and it answers; words, and it refuses; null, and it fails. */
type Server = (chunk: Chunk, ids: string[]) => string | null | undefined;

interface Ended {
  /** Chunks that were asked for, in order. */
  asked: Chunk[];
  failed: Chunk[];
  plan: Plan;
  refusals: Refusal[];
  need: Need;
}

/** No run of these goes on for longer. */
const MOST_ROUNDS = 200;

/** A run of one dataset, as workflow and activities go about it, but for what is not decided by a plan. */
const runAgainst = (server: Server, start: Need): Ended => {
  const failed: FailedChunk[] = [];
  let [need, reportsLoaded]: [Need, number] = [start, 0];
  let toSplit: FailedChunk[] = [];
  const refusals: Refusal[] = [];
  const ended: Omit<Ended, 'plan' | 'need'> = { asked: [], failed: [], refusals };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const needs = new Map([[datasetKey(need), need]]);
    const knowledge: Knowledge = { needs, failed, reportsLoaded, refusals, profile: 'current', today: TODAY };
    const { parts, settled, learned } = answerFailures(toSplit, knowledge);
    refusals.push(...learned);
    failed.push(...settled);
    toSplit = [];
    const noReports = reportsAreLost(failed, reportsLoaded);
    const plan = planNeed({ ...need, failed, noReports }, { profile: 'current', today: TODAY, refusals });
    let reports = manyReportsLost(failed, reportsLoaded) ? 1 : 4;
    const planned = plan.chunks.filter(({ method }) => method !== 'report' || reports-- > 0);
    const chunks = parts.length > 0 ? parts : planned;
    if (chunks.length === 0) return { ...ended, plan, need };
    for (const chunk of chunks) {
      ended.asked.push(chunk);
      const said = server(chunk, idsOf(chunk, need));
      if (said !== undefined) {
        ended.failed.push(chunk);
        toSplit.push({ chunk, tries: 1, ...(said === null ? {} : { said }) });
        continue;
      }
      if (chunk.method === 'report') reportsLoaded += 1;
      const askedForMs = NOW + ended.asked.length;
      const { include } = settleReplacement(chunk, need, askedForMs, TODAY);
      const knownIdsAtMs = chunk.method === 'report' ? null : CATALOGUE_AT;
      const stamp = { ...need.criteria, askedForMs, knownIdsAtMs };
      need = { ...need, coverage: advance(need.coverage, include, [], stamp, need.criteria) };
    }
  }
  throw new Error(`The run did not end within ${MOST_ROUNDS} rounds`);
};

const stale = (need: Need): number =>
  findGaps(need).gaps.reduce((cells, gap) => cells + gap.ids.length * gap.stale.length, 0);

const days = (count: number): Need => needWith({ objects: objects(20), periods: daysBack(count) });

test('reports that are always refused: three are asked for, then analytics read what they reach', () => {
  const { asked, failed, plan, refusals } = runAgainst(
    ({ method }) => (method === 'report' ? 'HTTP 404' : undefined),
    days(186),
  );
  expect(failed).toHaveLength(3);
  expect(asked.length - failed.length).toBe(1);
  expect(refusals).toEqual([{ method: 'report', what: 'everything', value: '', said: 'HTTP 404' }]);
  expect(plan.unreachable.map(({ stale }) => stale.length)).toEqual([96]);
});

test('reports that always fail, for reasons that may pass: three, and nothing is learned for the day', () => {
  const { asked, failed, plan, refusals } = runAgainst(
    ({ method }) => (method === 'report' ? null : undefined),
    days(186),
  );
  expect([failed.length, asked.length, refusals]).toEqual([3, 4, []]);
  expect(plan.abandoned.map(({ stale }) => stale.length)).toEqual([96]);
});

test.each([1, 2, 3, 7, 30, 89])('analytics that refuse the oldest %i of 90 dates', (refused) => {
  const oldest = ago(89 - refused);
  const { asked, refusals, need } = runAgainst(
    ({ method, from }) => (method === 'analytics' && from < oldest ? 'too old' : undefined),
    days(90),
  );
  expect(stale(need)).toBe(0);
  // Two calls for each halving of 90 dates, the first two, a report or two; and where the limit was not found, none.
  expect(asked.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(90)) + 5);
  expect(refusals.every(({ what, value }) => what === 'dates' && value >= oldest)).toBe(true);
});

test('analytics that refuse one date more than stated: found by three calls, and read by a report', () => {
  const { asked, refusals } = runAgainst(
    ({ method, from }) => (method === 'analytics' && from < ago(88) ? 'too old' : undefined),
    days(90),
  );
  expect(asked.map(({ method, from, to }) => [method, from, to])).toEqual([
    ['analytics', ago(89), TODAY],
    ['analytics', ago(88), TODAY],
    ['analytics', ago(89), ago(89)],
    ['report', ago(89), ago(89)],
  ]);
  expect(refusals).toEqual([{ method: 'analytics', what: 'dates', value: ago(88), said: 'too old' }]);
});

test('a limit that the words name is believed at once, if reports read the rest', () => {
  const said = 'You can only get data from the last 30 days';
  const { asked, refusals, need } = runAgainst(
    ({ method, from }) => (method === 'analytics' && from < ago(29) ? said : undefined),
    days(90),
  );
  expect(stale(need)).toBe(0);
  // One report of all dates is cheaper than one of the older ones and a call for the others.
  expect(asked.map(({ method }) => method)).toEqual(['analytics', 'report']);
  expect(refusals).toEqual([{ method: 'analytics', what: 'dates', value: ago(29), said }]);
});

test('analytics that refuse whatever is asked: a report after five calls at most; without reports, after eleven', () => {
  for (const count of [30, 90]) {
    const { asked, need } = runAgainst(
      ({ method }) => (method === 'analytics' ? 'no' : undefined),
      days(count),
    );
    expect(stale(need)).toBe(0);
    expect(asked.length).toBeLessThanOrEqual(5 + 1);
    const none = runAgainst(() => 'no', days(count));
    expect(none.asked.length).toBeLessThanOrEqual(11);
    expect(none.plan.abandoned).toHaveLength(1);
  }
});

test.each<[string, (chunk: Chunk, call: number) => string]>([
  ['the number of the request', (_, call) => `HTTP 400, code 1: Invalid request (request ${call})`],
  ['an id of the request', (_, call) => `HTTP 400: Invalid request [x-${(call * 7919).toString(16)}f0-9a]`],
  ['a date that was asked for', ({ from }) => `HTTP 400: start_date ${from} is not accepted`],
])('what changes from one refusal to the next is no other reason: %s', (_, words) => {
  let calls = 0;
  const { asked, need } = runAgainst(
    (chunk) => (chunk.method === 'analytics' ? words(chunk, ++calls) : undefined),
    days(90),
  );
  expect(stale(need)).toBe(0);
  expect(asked.length).toBeLessThanOrEqual(5 + 1);
  const none = runAgainst((chunk) => words(chunk, ++calls), days(186));
  expect(none.asked).toEqual(runAgainst(() => 'HTTP 400: no', days(186)).asked);
});

test('the status, its code and an object that is named are the reason itself', () => {
  const gist = (said: string): string => gistOf(said, new Set(['626735565838']));
  const said = 'HTTP 400, code 1: Invalid request 17 of 2026-06-16T10:00:00Z';
  expect(gist(said)).toBe(gist('HTTP 400, code 1: Invalid request 9812 of 2026-06-17T11:30:12Z'));
  for (const other of ['HTTP 404, code 1: Invalid request', 'HTTP 400, code 2: Invalid request'])
    expect(gist(other)).not.toBe(gist('HTTP 400, code 1: Invalid request'));
  expect(gist('HTTP 404: Campaign 626735565838')).not.toBe(gist('HTTP 404: Campaign 626735565839'));
});

test('a column that is named is not asked for again', () => {
  const { asked, refusals } = runAgainst(() => 'CTR is not allowed', days(30));
  expect(refusals.map(({ method, what, value }) => [method, what, value])).toEqual([
    ['analytics', 'column', 'CTR'],
    ['report', 'column', 'CTR'],
  ]);
  expect(asked).toHaveLength(2);
});

test('a refusal that passes costs one call where the chunk is one cell', () => {
  let left = 1;
  const { asked, need } = runAgainst(
    () => (left-- > 0 ? 'last 90 days' : undefined),
    needWith({ objects: objects(1), periods: daysBack(1) }),
  );
  expect([asked.length, stale(need)]).toEqual([2, 0]);
});

test('whatever is refused, a run ends, asks for no date by more than three reports, and reads all that a report can', () => {
  const servers = fc.record({
    badIds: fc.subarray(objects(20).map(({ id }) => id)),
    wordsNameIds: fc.boolean(),
    reach: fc.integer({ min: 1, max: 120 }),
    reports: fc.constantFrom('fine', 'refused', 'lost'),
    days: fc.integer({ min: 1, max: 186 }),
  });
  fc.assert(
    fc.property(servers, ({ badIds, wordsNameIds, reach, reports, days: count }) => {
      const server: Server = ({ method, from }, ids) => {
        if (method === 'report') return { fine: undefined, refused: 'no reports', lost: null }[reports];
        const bad = ids.find((id) => badIds.includes(id));
        if (bad !== undefined) return wordsNameIds ? `no ${bad}` : 'no such id';
        return from < ago(reach - 1) ? 'too old' : undefined;
      };
      const { asked, need } = runAgainst(server, days(count));
      const times = new Map<string, number>();
      for (const chunk of asked.filter(({ method }) => method === 'report')) {
        for (const { from } of need.periods.filter(({ from }) => chunk.from <= from && from <= chunk.to))
          times.set(from, (times.get(from) ?? 0) + 1);
      }
      expect(Math.max(0, ...times.values())).toBeLessThanOrEqual(3);
      expect(reports === 'fine' ? stale(need) : 0).toBe(0);
    }),
    { numRuns: 60 },
  );
});
