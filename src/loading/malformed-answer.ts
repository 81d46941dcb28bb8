// The error for a body that is not what the API promises: nothing of it can be loaded.
import { KnownError } from '../dataflow/failures.js';

/**
 * `truncated`: cut off in the middle; `empty`: not a single byte came, as with 204, so that no smaller question will be
 * answered either; `endless`: longer than any answer can be.
 */
export type MalformedKind = 'truncated' | 'empty' | 'endless' | 'not-json' | 'unexpected-shape';

/** How much of the body the message quotes. */
export const QUOTED_BYTES = 200;

export class MalformedAnswer extends KnownError<'TooLarge' | 'ContractViolation'> {
  override readonly name = 'MalformedAnswer';

  /** The message without the body's own words. */
  readonly unquoted: string;

  /** @param head the first bytes of the body, for the message */
  constructor(
    readonly malformed: MalformedKind,
    problem: string,
    head: Uint8Array,
  ) {
    const noText = whatIsNoText(head);
    const unquoted = [problem, ...(noText ? [noText] : [])].join('. ');
    // Large answers are cut off, though not only they: asked once more, then for less.
    const isCut = malformed === 'truncated';
    super(
      isCut ? 'TooLarge' : 'ContractViolation',
      noText || head.length === 0 ? unquoted : `${unquoted}. The body begins: ${words(head)}`,
      isCut ? { retried: 'once' } : {},
    );
    this.unquoted = unquoted;
  }
}

/** Bytes that are no words would be noise in a message: what they are instead. */
function whatIsNoText(head: Uint8Array): string | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b)
    return 'The body is packed with gzip, which its Content-Encoding does not say';
  if (!head.some(isNoText)) return undefined;
  const bytes = Array.from(head.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `The body is no text: its first bytes are ${bytes.join(' ')}`;
}

function words(head: Uint8Array): string {
  return Buffer.from(head.subarray(0, QUOTED_BYTES))
    .toString('utf8')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

const [TAB, LINE_FEED, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];

function isNoText(byte: number): boolean {
  return byte < SPACE && byte !== TAB && byte !== LINE_FEED && byte !== RETURN;
}
