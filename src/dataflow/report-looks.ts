// When to look whether a report is ready. Each look is an API call, and Pinterest does not say how long it will take.
import { REPORT_POLLS } from './chunk.js';

/** A report dies an hour after it was asked for. */
export const REPORT_LIFETIME_MS = 3_600_000;

/** Looks of a report that takes its time are no further apart than this: one that never ends costs some fifteen. */
const LONGEST_PAUSE_MS = 600_000;
/** A look that finds nothing is followed by another after half the report's age, and after so many first guesses at least. */
const GROWTH = 1.5;
const GUESSES_APART = 2;
/** If nothing is known of reports of its kind, the first look comes after so many polls' pauses. */
const FIRST_GUESS_POLLS = 4;
/** However long reports took, the first look comes after so many first guesses at most: times may have changed. */
const MOST_GUESSES = 8;

/** Figures that are kept of one kind of report: how long the last ones took. */
export const FIGURES_KEPT = 20;
/** So many of them would be ready at the first look. */
const MOST_ARE_READY = 0.75;
/** A report that was ready at its first look may have been so for long: a little less is noted, to find out. */
const SHORTER = 0.95;

/**
 * How old a report should be when it is first looked at, in ms.
 * @param figuresMs how long the last reports of its kind took, in any order
 * @param pollMs the shortest pause between two looks
 */
export const firstLookMs = (figuresMs: readonly number[], pollMs: number): number => {
  const guess = FIRST_GUESS_POLLS * pollMs;
  const figures = [...figuresMs].sort((a, b) => a - b);
  const usual = figures[Math.ceil(figures.length * MOST_ARE_READY) - 1] ?? guess;
  return Math.min(Math.max(usual, pollMs), MOST_GUESSES * guess);
};

/** How old a report should be at the next look, if it was not ready at this one; never older than it can get. */
export const nextLookMs = (ageMs: number, pollMs: number): number =>
  Math.min(
    Math.max(GROWTH * ageMs, ageMs + GUESSES_APART * FIRST_GUESS_POLLS * pollMs),
    ageMs + LONGEST_PAUSE_MS,
    Math.max(ageMs, REPORT_LIFETIME_MS),
  );

/** How long a report is noted to have taken that was ready now. */
export const figureOf = (look: { ageMs: number; firstLookMs: number; isFirst: boolean }): number =>
  Math.round(look.isFirst ? SHORTER * look.firstLookMs : look.ageMs);

/** Looks that a report is expected to take: as many as a stranger, or one. */
export const looksExpected = (figuresMs: readonly number[]): number =>
  figuresMs.length > 0 ? 1 : REPORT_POLLS;
