// The error for a body that is not what the API promises: nothing of it can be loaded.
import { KnownError } from '../dataflow/failures.js';

/** `empty`: not a byte came, as with 204; no smaller question will be answered, either. */
export type MalformedKind = 'truncated' | 'empty' | 'not-json' | 'unexpected-shape';

/** How much of the body the message quotes. */
export const QUOTED_BYTES = 200;

export class MalformedAnswer extends KnownError<'TooLarge' | 'ContractViolation'> {
  override readonly name = 'MalformedAnswer';

  constructor(
    readonly malformed: MalformedKind,
    problem: string,
    head: Uint8Array,
  ) {
    // Large answers are cut off, though not only they: asked once more, then for less.
    const isCut = malformed === 'truncated';
    super(
      isCut ? 'TooLarge' : 'ContractViolation',
      `${problem}. ${quote(head)}`,
      isCut ? { retried: 'once' } : {},
    );
  }
}

function quote(head: Uint8Array): string {
  if (head.length === 0) return 'The body is empty';
  const text = Buffer.from(head.subarray(0, QUOTED_BYTES))
    .toString('utf8')
    .replace(/[\p{Cc}\s]+/gu, ' ');
  return `The body begins: ${text.trim()}`;
}
