// The store cannot be used, and why.

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';

  /** @param locked passes by itself: another program holds the file, the server is away */
  constructor(
    message: string,
    readonly locked: boolean,
  ) {
    super(message);
  }
}
