// Why no call may leave: the budget has no permit now and says when to come back, or it cannot be asked.
import { KnownError } from '../../dataflow/failures.js';

export class QuotaExhausted extends KnownError<'QuotaExhausted'> {
  override readonly name = 'QuotaExhausted';

  constructor(
    /** On the budget's clock. */
    readonly retryAtMs: number,
    readonly why: string,
    /** How far away that is. */
    readonly waitMs: number,
    /** When to ask again, if that is sooner. */
    readonly askAgainAtMs?: number,
  ) {
    super('QuotaExhausted', `No API call may leave: ${why}`, {
      retryAtMs,
      askAgainAtMs,
    });
  }
}

export class QuotaUnanswered extends KnownError<'QuotaUnanswered'> {
  override readonly name = 'QuotaUnanswered';

  /** @param retryAtMs when to ask again, epoch ms */
  constructor(reason: string, retryAtMs: number) {
    super('QuotaUnanswered', `No API call may leave: the quota workflow does not answer (${reason})`, {
      retryAtMs,
    });
  }
}
