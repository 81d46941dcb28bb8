// Every kind of failure is told to those who run the product, and every failure has a kind.
import { readFileSync } from 'node:fs';
import { FAILURE_KINDS, kindOf } from '../../src/dataflow/failures.js';

const DOCS = readFileSync('docs/failures.md', 'utf8');

test('docs/failures.md says what each kind means', () => {
  expect(FAILURE_KINDS.filter((kind) => !DOCS.includes(`\`${kind}\``))).toEqual([]);
});

test.each(['Error', '', 'toString', 'ClaimTaken', null, undefined])(
  'a failure of a type that no activity of this version throws (%j) is unexpected',
  (type) => {
    expect(kindOf(type)).toBe('Unexpected');
  },
);
