// Something is kept, and nobody here can read it: a damaged file, a row under another key.
import { StoreUnavailable } from '../store/store-unavailable.js';

export class Unreadable extends StoreUnavailable {
  /** @param message says what is wrong with it, and the way out */
  constructor(message: string) {
    super(message, false);
  }
}

/** @throws Unreadable where nothing else is taken for it, and any other error as it is */
export const takenFor = async <Kept>(
  reading: Promise<Kept>,
  takeFor: ((unreadable: Unreadable) => Kept) | undefined,
): Promise<Kept> =>
  reading.catch((error: unknown) => {
    if (error instanceof Unreadable && takeFor) return takeFor(error);
    throw error;
  });
