/** A name of a spec finds what a person would say it names, and never takes long. */
import fc from 'fast-check';
import { findNames, nearestNames } from '../../src/dataflow/names.js';
import { runs } from '../support/random.js';

const finds = (wanted: string, name: string): boolean => findNames([wanted], [name])[0]!.length === 1;

describe('a name', () => {
  test.each([
    ['Spring *', 'Spring Sale 2026', true],
    ['spring*', 'SPRING', true],
    ['*sale*', 'Spring Sale 2026', true],
    ['*2026', 'Spring Sale 2026', true],
    ['Sale', 'Spring Sale 2026', false],
    ['Spring', 'Spring Sale 2026', false],
    ['spring sale 2026', 'Spring Sale 2026', true],
    ['a.c', 'abc', false],
    ['(test) [x] $1', '(TEST) [x] $1', true],
    ['two*lines', 'two\nlines', true],
    ['*', '', true],
    ['**', 'x', true],
    ['ab*ba', 'aba', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['Früh*', 'FRÜHLING', true],
    ['straße*', 'STRASSE 1', true],
    // One code point, or a letter and a combining accent.
    ['Caf\u00e9 *', 'cafe\u0301 Paris', true],
    ['cafe\u0301*', 'CAF\u00c9 PARIS', true],
    ['cafe *', 'caf\u00e9 Paris', false],
    ['I*', '\u0131stanbul', true],
    ['ΟΔΟΣ*', 'οδος 1', true],
    ['*🌸*', 'Spring 🌸 Sale', true],
    ['*🌸*', 'Spring 🌼 Sale', false],
    ['👩‍👧*', '👩‍👧 Family', true],
    // Drawn as an emoji or as text.
    ['☀ *', '☀\ufe0f Summer', true],
    ['☀\ufe0f Summer', '☀ summer', true],
    ['한국*', '\u1112\u1161\u11ab국 캠페인', true],
    ['नमस्ते*', 'नमस्ते दुनिया', true],
  ])('%j finds %j: %s', (wanted, name, found) => {
    expect(finds(wanted, name)).toBe(found);
  });

  test('finds what the definition of * says, for any mix of a few letters', () => {
    const word = (...letters: string[]) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 });
    const meant = (wanted: string, name: string): boolean => {
      if (wanted === '') return name === '';
      if (wanted[0] !== '*') return wanted[0] === name[0] && meant(wanted.slice(1), name.slice(1));
      return meant(wanted.slice(1), name) || (name !== '' && meant(wanted, name.slice(1)));
    };
    fc.assert(
      fc.property(word('A', 'B', '*'), word('A', 'B'), (wanted, name) => {
        expect(finds(wanted, name)).toBe(meant(wanted, name));
      }),
      runs(2_000),
    );
  });

  // A matcher that goes back to try again would not end in a lifetime.
  test('with many * and nearly a match is no more work than any other', () => {
    expect(finds(`${'*a'.repeat(120)}*b`, 'a'.repeat(250))).toBe(false);
    expect(finds(`${'*a'.repeat(120)}*b`, `${'a'.repeat(249)}b`)).toBe(true);
  });
});

test('the nearest names are told where one finds nothing', () => {
  const names = ['Spring Sale 2026', 'Spring Promo', 'Autumn', 'Winter Sale', 'Autumn'];
  expect(nearestNames('Sprnig *', names, 2)).toEqual(['Spring Sale 2026', 'Spring Promo']);
  expect(nearestNames('autum', names, 1)).toEqual(['Autumn']);
  expect(nearestNames('*Slae', names, 1)).toEqual(['Winter Sale']);
  expect(nearestNames('x', [])).toEqual([]);
});
