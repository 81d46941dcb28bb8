// How current a table is, as `status` says it.
import { staleOf, stateOf } from '../../src/cli/freshness-words.js';

const held = { from: '2026-05-27', to: '2026-11-28', finalTo: '2026-10-27', staleCells: 0 };

test.each([
  ['final to 2026-10-27, provisional to 2026-11-28', held],
  ['provisional to 2026-11-28', { ...held, finalTo: null }],
  ['final to 2026-10-27', { ...held, to: '2026-10-27' }],
  ['final to 2026-10-27, held to 2026-11-28', { ...held, staleCells: 640 }],
  // A hole among the final dates.
  ['final to 2026-10-27, held to 2026-10-27', { ...held, to: '2026-10-27', staleCells: 1 }],
  ['never read', { from: null, to: null, finalTo: null, staleCells: 640 }],
])('%s', (words, coverage) => {
  expect(stateOf(coverage)).toBe(words);
});

test('stale cells are counted', () => {
  expect([0, 1, 640].map((staleCells) => staleOf({ staleCells }))).toEqual(['none', '1 cell', '640 cells']);
});
