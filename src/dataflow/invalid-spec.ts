// A spec, or another input, that cannot run: every problem at once, each with the path of the field at fault.
import { KnownError } from './failures.js';

export interface SpecProblem {
  /** `source.columns[1]`; empty for the spec as a whole. */
  path: string;
  message: string;
}

/** Problems that a message lists, and characters that it quotes of one word: a spec of many faults is told of in a few lines. */
const PROBLEMS_LISTED = 20;
const LONGEST_QUOTE = 100;

/** No more of a word than a message can hold. */
export const cut = (word: string): string =>
  word.length <= LONGEST_QUOTE ? word : `${word.slice(0, LONGEST_QUOTE)}…`;

/** A value of a spec in a message; a spec from code may hold what JSON cannot say. */
export const shown = (value: unknown): string => {
  if (typeof value === 'string') return JSON.stringify(cut(value));
  return typeof value === 'object' && value !== null ? 'an object' : cut(String(value));
};

const listed = (problems: readonly SpecProblem[], whole: string): string[] => {
  const lines = problems
    .slice(0, PROBLEMS_LISTED)
    .map(({ path, message }) => `  ${path || whole}: ${message}`);
  const more = problems.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more problems`] : lines;
};

export class InvalidSpec extends KnownError<'InvalidSpec'> {
  override readonly name = 'InvalidSpec';

  /** @param whole what a problem without a path is a problem of; `says` begins the message */
  constructor(
    readonly problems: readonly SpecProblem[],
    { whole = 'spec', says = 'The dataflow spec cannot run' } = {},
  ) {
    super('InvalidSpec', `${says}:\n${listed(problems, whole).join('\n')}`);
  }
}
