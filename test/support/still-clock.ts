// A monotonic clock that goes on only as the test says: what depends on time does not depend on the machine's speed.

/** Until the end of the test. */
export const stillClock = (): { pass(ms: number): void } => {
  let nowMs = 1_000_000;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return { pass: (ms) => (nowMs += ms) };
};
afterEach(() => jest.restoreAllMocks());
