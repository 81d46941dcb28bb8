// Words that are taken over from a response: one line of a bounded length, without what was sent in secret.

const MASK = '***';
/** A shorter piece of a token says nothing, and may be a word like any other. */
const SHORTEST_PIECE = 4;

/** A token as a response may echo it: as it is, percent-encoded, with JSON's escapes. */
const formsOf = (token: string): string[] => [
  ...new Set([token, encodeURIComponent(token), token.replaceAll('/', '\\/')]),
];

const endsWithPieceOf = (form: string, words: string): number => {
  for (let length = form.length - 1; length >= SHORTEST_PIECE; length--)
    if (words.endsWith(form.slice(0, length))) return length;
  return 0;
};

/** Takes tokens that were sent out of words that may echo the request, also if they are cut off within one. */
export const masked = (words: string, tokens: readonly string[]): string => {
  const forms = tokens.filter((token) => token !== '').flatMap(formsOf);
  const whole = forms.reduce((rest, form) => rest.replaceAll(form, MASK), words);
  const cut = Math.max(0, ...forms.map((form) => endsWithPieceOf(form, whole)));
  return cut === 0 ? whole : whole.slice(0, -cut) + MASK;
};

/** One line that any log and any protocol takes: no control characters, no half of a surrogate pair. */
export const oneLine = (words: string, longest: number): string =>
  words
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, longest)
    .replace(/\p{Surrogate}/gu, '\ufffd');

/** Words of a response as an error's message may quote them. */
export const quoted = (words: string, tokens: readonly string[], longest: number): string =>
  oneLine(masked(words, tokens), longest);
