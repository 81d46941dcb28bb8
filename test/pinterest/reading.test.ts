// A list ends, whatever its bookmarks say.
import * as fc from 'fast-check';
import { Reading } from '../../src/pinterest/reading.js';

test('pages that lead round end where one comes again, also if an earlier attempt has read it', () => {
  const reading = new Reading(100);
  expect(reading.took(['1'], 'A')).toBeNull();
  expect(reading.took(['2'], 'B')).toBeNull();
  const later = new Reading(100, reading.remembered);
  expect(later.took(['3'], 'A')).toEqual({ cutShort: 'its pages lead back to one that was read' });
});

test('a page that brings nothing new is the last one', () => {
  const reading = new Reading(100);
  expect(reading.took(['1', '2'], 'A')).toBeNull();
  expect(reading.took(['2', '3'], 'B')).toBeNull();
  expect(reading.took(['1', '3'], 'C')).toEqual({ cutShort: 'a page of it brought nothing new' });
});

test('no more pages are read than are stated, attempts before counted', () => {
  const reading = new Reading(3);
  expect(reading.took(['1'], 'A')).toBeNull();
  const later = new Reading(3, reading.remembered);
  expect(later.took(['2'], 'B')).toBeNull();
  expect(later.took(['3'], 'C')).toEqual({ cutShort: 'it has more than 3 pages' });
});

test('a list without a bookmark has ended properly, whatever it holds', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (ids) =>
      expect(new Reading(1).took(ids, null)).toEqual({ cutShort: null }),
    ),
  );
});

test('any list ends after as many calls as it has bookmarks, and each of its pages is read once', () => {
  const pages = fc.array(
    fc.record({ ids: fc.array(fc.nat(20).map(String)), next: fc.option(fc.nat(9), { nil: null }) }),
    { minLength: 10, maxLength: 10 },
  );
  fc.assert(
    fc.property(pages, (pages) => {
      let reading = new Reading(50);
      const read: number[] = [];
      let at = 0;
      for (;;) {
        expect(read).not.toContain(at);
        read.push(at);
        const { ids, next } = pages[at]!;
        if (reading.took(ids, next === null ? null : String(next))) break;
        reading = new Reading(50, reading.remembered);
        at = next!;
        // The first page was read without a bookmark: it may be met once more.
        if (at === 0) read.splice(0, 1);
      }
    }),
  );
});
