// A question that may cost so many calls and no more, renewals of its token counted, whatever happens meanwhile.
import { KnownError } from '../../dataflow/failures.js';
import type { Caller } from '../../pinterest/transport.js';

/** An answer is not known, and may be if it is asked for anew. */
class NoCallLeft extends KnownError<'Transient'> {
  constructor() {
    super(
      'Transient',
      'What the token may read is not known yet: the few API calls of a check went into renewing the token, or Pinterest ' +
        'refused them as too many. Check once more.',
    );
  }
}

/** A refused token is replaced by a call, and the request repeated by another. */
const CALLS_OF_A_NEW_TOKEN = 2;

/**
 * Its token is asked for once, so that it is renewed once at most; and after a refusal only if the request can be repeated then.
 * @param callsLeft asked before each call
 * @returns a caller whose requests fail as `Transient`, without a call, once none is left
 */
export const withinCalls = (caller: Caller, callsLeft: () => number): Caller => {
  let token: Promise<string> | undefined;
  const mustHaveOne = (): void => {
    if (callsLeft() < 1) throw new NoCallLeft();
  };
  return {
    ...caller,
    token: async (refused) => {
      if (refused !== undefined) {
        if (callsLeft() < CALLS_OF_A_NEW_TOKEN) return refused;
        return (token = caller.token(refused));
      }
      mustHaveOne();
      const known = await (token ??= caller.token());
      mustHaveOne();
      return known;
    },
  };
};
