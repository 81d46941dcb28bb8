// A slow line is waited for; a body that is spun out is not.
import * as fc from 'fast-check';
import { LEAST_RATE, Pace } from '../../src/http/pace.js';

/** How long a body of pieces that come evenly is read, up to two hours. */
const readFor = (bytes: number, everyMs: number): number => {
  const pace = new Pace(LEAST_RATE);
  let ms = 0;
  do ms += everyMs;
  while (pace.keeps(bytes, everyMs) && ms < 7_200_000);
  return ms;
};

test('a byte a second is given up after a minute and a half', () => {
  expect(readFor(1, 1_000)).toBe(91_000);
});

test('a line as weak as 2 KiB a second is good enough, in pieces of any size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50_000 }), (bytes) => {
      expect(readFor(bytes, bytes / 2.048)).toBeGreaterThanOrEqual(7_200_000);
    }),
  );
});

test('a body that was fast at first is given up once it dawdles', () => {
  const pace = new Pace(LEAST_RATE);
  expect(pace.keeps(3e9, 3_600_000)).toBe(true);
  expect([pace.keeps(1, 40_000), pace.keeps(1, 40_000)]).toEqual([true, false]);
});
