// Objects by name, as a spec gives them: `*` is a wildcard; case does not count, nor how a character is put together.
import { distance } from 'fastest-levenshtein';

/** Variation selectors: whether a sign is drawn as text or as an emoji. */
const DRAWN_AS = /[\uFE00-\uFE0F]/g;

/** The same for names that a person would read as the same: `É` in one or two code points, `STRASSE` and `Straße`. */
const folded = (name: string): string =>
  name.normalize('NFC').toLowerCase().toUpperCase().replace(DRAWN_AS, '').normalize('NFC');

export const isPattern = (name: string): boolean => name.includes('*');

/**
 * Each part is looked for once, behind the one before: nothing is tried twice, however many `*` there are.
 * @param parts what stands between the `*`
 */
const finds = (parts: readonly string[], name: string): boolean => {
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = name.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at;
};

/** The places in `names` that each of `wanted` finds; null is no name. */
export const findNames = (wanted: readonly string[], names: readonly (string | null)[]): number[][] => {
  if (wanted.length === 0) return [];
  const searched = names.map((name) => (name === null ? null : folded(name)));
  const places = new Map<string, number[]>();
  searched.forEach((name, place) => {
    if (name === null) return;
    const same = places.get(name);
    if (same) same.push(place);
    else places.set(name, [place]);
  });
  return wanted.map((each) => {
    if (!isPattern(each)) return places.get(folded(each)) ?? [];
    const parts = folded(each).split('*');
    const shortest = parts.reduce((sum, { length }) => sum + length, 0);
    const found: number[] = [];
    searched.forEach((name, place) => {
      if (name !== null && name.length >= shortest && finds(parts, name)) found.push(place);
    });
    return found;
  });
};

/** What of a name is to be compared with a pattern that is open at its beginning, its end, or both. */
const ends = (wanted: string, length: number, name: string): string[] => [
  ...(wanted.startsWith('*') ? [] : [name.slice(0, length)]),
  ...(wanted.endsWith('*') ? [] : [name.slice(-length)]),
  name,
];

/** To compare a hundred thousand takes seconds. */
const MOST_COMPARED = 10_000;
/** Whatever is mistyped is so before this. */
const LONGEST_COMPARED = 250;

/**
 * Those of `names` that may have been meant by a name or pattern that finds none, the nearest first; of very many names, those of
 * the first ones.
 */
export const nearestNames = (wanted: string, names: readonly string[], most = 3): string[] => {
  const text = folded(wanted).replaceAll('*', '');
  const far = (name: string): number => {
    const cut = folded(name).slice(0, LONGEST_COMPARED);
    const compared = isPattern(wanted) ? ends(wanted, text.length, cut) : [cut];
    return Math.min(...compared.map((part) => distance(text, part)));
  };
  return [...new Set(names.slice(0, MOST_COMPARED))]
    .map((name) => ({ name, far: far(name) }))
    .sort((one, other) => one.far - other.far)
    .slice(0, most)
    .map(({ name }) => name);
};
