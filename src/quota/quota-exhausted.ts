// The budget has no permit now; it says when to come back.

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
