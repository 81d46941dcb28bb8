// The store cannot be used, and why.
import { KnownError } from '../dataflow/failures.js';

export class StoreUnavailable extends KnownError<'StoreLocked' | 'StoreUnavailable'> {
  override readonly name = 'StoreUnavailable';

  /** @param locked passes by itself: another program holds the file, the server is away */
  constructor(
    message: string,
    readonly locked: boolean,
  ) {
    super(locked ? 'StoreLocked' : 'StoreUnavailable', message);
  }
}
