// A run ends: once what was planned is loaded, nothing is left to plan but what Pinterest does not reach any more.
import fc from 'fast-check';
import { bisect } from '../../src/dataflow/bisect.js';
import type { Chunk } from '../../src/dataflow/chunk.js';
import { advance, type CoverageRow } from '../../src/dataflow/coverage.js';
import { objectsOf, type Need } from '../../src/dataflow/gaps.js';
import { planNeed } from '../../src/dataflow/plan.js';
import { settleReplacement } from '../../src/dataflow/replace.js';
import { CATALOGUE_AT, needs } from './arbitrary-needs.js';
import { NOW, TODAY } from './needs.js';
import { runs } from '../support/random.js';

/** When the first chunk is asked for: after all that is held. */
const LOADED = NOW + 3_600_000;

/** Coverage after a chunk was loaded without a rejected row. */
const load = (
  chunk: Chunk,
  need: Need,
  coverage: readonly CoverageRow[],
  askedForMs: number,
): CoverageRow[] => {
  const settled = settleReplacement(chunk, { ...need, coverage }, askedForMs, TODAY);
  const stamp = {
    askedForMs,
    columns: need.criteria.columns,
    attribution: need.criteria.attribution,
    granularity: need.criteria.granularity,
    knownIdsAtMs: chunk.method === 'report' ? null : CATALOGUE_AT,
  };
  return advance(coverage, settled.include, [], stamp, need.criteria);
};

const loadAll = (chunks: readonly Chunk[], need: Need): Need => ({
  ...need,
  coverage: chunks.reduce<readonly CoverageRow[]>(
    (coverage, chunk, i) => load(chunk, need, coverage, LOADED + i),
    need.coverage,
  ),
});

test('after one plan was loaded nothing is stale that can be read', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const plan = planNeed(need, settings);
      const again = planNeed(loadAll(plan.chunks, need), settings);
      expect(again.chunks).toEqual([]);
      const cells = (gaps: typeof plan.unreachable): string[] =>
        gaps.flatMap(({ ids, stale }) => ids.map((id) => `${id}: ${stale.join()}`)).sort();
      expect(cells(again.unreachable)).toEqual(cells(plan.unreachable));
    }),
    runs(60),
  );
});

test('whichever chunks come first', () => {
  fc.assert(
    fc.property(needs(), fc.array(fc.nat(), { maxLength: 30 }), ({ need, settings }, keys) => {
      const { chunks } = planNeed(need, settings);
      const shuffled = chunks
        .map((chunk, i) => ({ chunk, key: keys[i % keys.length] ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ chunk }) => chunk);
      expect(planNeed(loadAll(shuffled, need), settings).chunks).toEqual([]);
    }),
    runs(40),
  );
});

test('also where every chunk proves too big and is cut in two', () => {
  fc.assert(
    fc.property(needs(), ({ need, settings }) => {
      const ids = objectsOf(need).map(({ id }) => id);
      const parts = planNeed(need, settings).chunks.flatMap(
        (chunk) => bisect(chunk, ids, need.periods, TODAY) ?? [chunk],
      );
      expect(planNeed(loadAll(parts, need), settings).chunks).toEqual([]);
    }),
    runs(40),
  );
});

test('a run that dies between any two chunks goes on with the rest, and repeats none', () => {
  fc.assert(
    fc.property(needs(), fc.nat(), ({ need, settings }, n) => {
      const { chunks } = planNeed(need, settings);
      const done = chunks.slice(0, n % (chunks.length + 1));
      const after = loadAll(done, need);
      for (const chunk of done) {
        expect(settleReplacement(chunk, after, LOADED + chunks.length, TODAY).include).toEqual([]);
      }
      const rest = planNeed(after, settings);
      expect(rest.chunks.length).toBeLessThanOrEqual(chunks.length - done.length);
    }),
    runs(40),
  );
});
