// "Did you mean …?": the known word nearest to one that is not known.
import { closest, distance } from 'fastest-levenshtein';

/** Nobody mistypes a longer one; comparing it with hundreds of known words would take long. */
const LONGEST_WORD = 100;

/** The nearest of `known`, or undefined if none is near enough to be what was meant. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  if (word.length > LONGEST_WORD) return undefined;
  const exact = known.find((other) => other.toLowerCase() === word.toLowerCase());
  if (exact) return exact;
  if (known.length === 0) return undefined;
  const best = closest(
    word.toLowerCase(),
    known.map((other) => other.toLowerCase()),
  );
  const meant = known.find((other) => other.toLowerCase() === best)!;
  return distance(word.toLowerCase(), best) <= Math.max(2, Math.ceil(word.length * 0.4)) ? meant : undefined;
};

/** ` Did you mean "x"?`, or nothing. */
export const didYouMean = (word: string, known: readonly string[]): string => {
  const meant = nearest(word, known);
  return meant === undefined ? '' : ` Did you mean "${meant}"?`;
};
