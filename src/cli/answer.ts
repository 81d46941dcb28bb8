// How a command answers: in words for a person, as JSON for a program.
import type { Command } from 'commander';

export interface JsonOption {
  json: boolean;
}

/** Gives a command the option `--json`. */
export const withJson = (command: Command): Command =>
  command.option('--json', 'answer with one line of JSON, for programs', false);

/** Writes the answer to standard output; everything else that is said goes to standard error. */
export const answer = (json: boolean, value: unknown, words: string): void => {
  process.stdout.write(`${json ? JSON.stringify(value) : words}\n`);
};
