// PINTEREST_QUOTA, read and written.
import { limitName, parseQuota } from '../../src/quota/limits.js';

test.each([
  ['1000/1d', '1000/1d'],
  ['60 / m', '60/1m'],
  ['1000/24h, 60/60s,30/10s', '1000/1d,60/1m,30/10s'],
  ['1000000/31d', '1000000/31d'],
])('%s is %s', (text, written) => {
  expect(parseQuota(text).map(limitName).join(',')).toBe(written);
});

test.each([
  ['many', '"many" is not a limit; write CALLS/WINDOW'],
  ['1000/1d,0/1m', '"0/1m" is not a limit'],
  ['5/0s', '"5/0s" is not a limit'],
  ['1000001/1d', '"1000001/1d" is beyond what a limit may say; at most 1000000/31d'],
  ['10/32d', '"10/32d" is beyond what a limit may say; at most 1000000/31d'],
  [Array.from({ length: 11 }, (_, i) => `10/${i + 1}s`).join(','), '11 limits; at most 10 may hold'],
])('%s is refused', (text, message) => {
  expect(() => parseQuota(text)).toThrow(message);
});
