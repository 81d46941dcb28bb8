// A spec that cannot run: every problem at once, each with the path of the field at fault.
import { KnownError } from './failures.js';

export interface SpecProblem {
  /** `source.columns[1]`; empty for the spec as a whole. */
  path: string;
  message: string;
}

export class InvalidSpec extends KnownError<'InvalidSpec'> {
  override readonly name = 'InvalidSpec';

  constructor(readonly problems: readonly SpecProblem[]) {
    super(
      'InvalidSpec',
      `The dataflow spec cannot run:\n${problems.map(({ path, message }) => `  ${path || 'spec'}: ${message}`).join('\n')}`,
    );
  }
}
