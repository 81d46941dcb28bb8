// Why no call may leave: the budget has no permit now and says when to come back, or it cannot be asked.

export class QuotaExhausted extends Error {
  override readonly name = 'QuotaExhausted';

  constructor(
    /** On the budget's clock. */
    readonly retryAtMs: number,
    readonly why: string,
    /** How far away that is. */
    readonly waitMs: number,
  ) {
    super(`No API call may leave before ${new Date(retryAtMs).toISOString()}: ${why}`);
  }
}

export class QuotaUnanswered extends Error {
  override readonly name = 'QuotaUnanswered';

  constructor(reason: string) {
    super(`No API call may leave: the quota workflow does not answer (${reason})`);
  }
}
