// Working through a list a few at a time: what chunks of a run and ad accounts of several have in common.

export interface Lanes<T> {
  /** How many are worked on side by side. */
  count: number;
  /** False: no other begins. */
  goesOn: () => boolean;
  /** Passed before each: where a pause takes hold. */
  boundary: () => Promise<void>;
  /** Whose turn it is after the boundary; undefined ends the lane. */
  next: () => T | undefined;
  /** What it throws ends its lane alone. */
  work: (item: T) => Promise<void>;
}

/**
 * One promise a lane: whoever asks decides whether the first that rejects ends the waiting.
 *
 * Replayed: one `await` more or less may change the order of commands in runs that are on their way.
 */
export const startLanes = <T>({ count, goesOn, boundary, next, work }: Lanes<T>): Promise<void>[] => {
  const lane = async (): Promise<void> => {
    while (goesOn()) {
      await boundary();
      const item = next();
      if (item === undefined) return;
      await work(item);
    }
  };
  return Array.from({ length: count }, lane);
};
