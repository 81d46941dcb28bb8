// When a report is looked at: rarely, ever more rarely, and first when most of its kind were ready.
import fc from 'fast-check';
import {
  FIGURES_KEPT,
  figureOf,
  firstLookMs,
  nextLookMs,
  REPORT_LIFETIME_MS,
} from '../../src/dataflow/report-looks.js';

const POLL_MS = 2_000;

/** The ages at which a report is looked at that takes so long. */
const looksAt = (tookMs: number, figures: readonly number[], pollMs = POLL_MS): number[] => {
  const ages = [firstLookMs(figures, pollMs)];
  while (ages.at(-1)! < Math.min(tookMs, REPORT_LIFETIME_MS)) ages.push(nextLookMs(ages.at(-1)!, pollMs));
  return ages;
};

/** Figures after so many reports, each of which took so long. */
const learn = (
  reports: readonly number[],
  figures: number[] = [],
): { figures: number[]; looks: number[] } => {
  const looks: number[] = [];
  for (const tookMs of reports) {
    const ages = looksAt(tookMs, figures);
    looks.push(ages.length);
    const look = { ageMs: ages.at(-1)!, firstLookMs: ages[0]!, isFirst: ages.length === 1 };
    figures = [figureOf(look), ...figures].slice(0, FIGURES_KEPT);
  }
  return { figures, looks };
};

const steady = (tookMs: number, reports: number): number[] => Array<number>(reports).fill(tookMs);

const figure = fc.integer({ min: 1, max: 2 * REPORT_LIFETIME_MS });
const figures = fc.array(figure, { maxLength: FIGURES_KEPT });
const poll = fc.integer({ min: 1_000, max: 10_000 });

test('looks come later and later, never after the report is gone, and are few', () => {
  fc.assert(
    fc.property(figures, poll, (known, pollMs) => {
      const ages = looksAt(Infinity, known, pollMs);
      expect(ages[0]).toBeGreaterThanOrEqual(pollMs);
      expect(ages[0]).toBeLessThanOrEqual(32 * pollMs);
      for (let i = 1; i < ages.length; i++) expect(ages[i]!).toBeGreaterThan(ages[i - 1]!);
      expect(ages.at(-1)).toBeLessThanOrEqual(REPORT_LIFETIME_MS);
      expect(ages.length).toBeLessThanOrEqual(18);
    }),
  );
});

test('a report of 20 s takes two looks as long as nothing is known, and one from then on', () => {
  const { looks } = learn(steady(20_000, 10));
  expect(looks).toEqual([2, ...steady(1, 9)]);
});

test('whatever steady time reports take up to a minute, hardly one in six takes another look', () => {
  fc.assert(
    fc.property(fc.integer({ min: 500, max: 60_000 }), (tookMs) => {
      const { figures: known } = learn(steady(tookMs, 300));
      const { looks } = learn(steady(tookMs, 200), known);
      expect(looks.reduce((a, b) => a + b)).toBeLessThanOrEqual(233);
    }),
    { numRuns: 20 },
  );
});

test('after a slow week the first look comes sooner again', () => {
  const { figures: slow } = learn(steady(900_000, 20));
  expect(firstLookMs(slow, POLL_MS)).toBe(64_000);
  const { figures: known } = learn(steady(5_000, 400), slow);
  expect(firstLookMs(known, POLL_MS)).toBeLessThan(20_000);
});

test('most are ready at the first look, not all: a straggler holds back no other', () => {
  const known = [...steady(20_000, 17), 300_000, 300_000, 300_000];
  expect(firstLookMs(known, POLL_MS)).toBe(20_000);
});
