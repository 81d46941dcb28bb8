// The lists of a spec: how long each may be, and what its items are. Who starts a dataflow may send anything.
import { z } from 'zod';
import { ALL_COLUMNS, isKnownColumn } from './columns.js';
import { didYouMean } from './did-you-mean.js';
import { jsonSchemaOf } from './json-schema.js';
import { isPattern } from './names.js';
import { shown, type SpecProblem } from './invalid-spec.js';

export const MOST_AD_ACCOUNTS = 1_000;
export const MOST_SELECTIONS = 100;
/** In all objects of a spec together: what fits into one message of Temporal's, and far more than an ad account needs. */
export const MOST_IDS = 50_000;
export const MOST_NAMES = 1_000;
export const LONGEST_NAME = 250;
/** Of the names with `*` together: each is searched for in every name of the catalogue. */
export const MOST_PATTERN_CHARACTERS = 25_000;

/**
 * A list of one item at least, and so many at most. One that is too long is refused for that alone: its items are not looked at.
 * @param what `column names`
 * @param whyNotEmpty what is said of an empty one
 */
export const listOf = <Item extends z.ZodType>(item: Item, most: number, what: string, whyNotEmpty: string) =>
  z
    .unknown()
    .superRefine((list, context) => {
      const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
      if (!Array.isArray(list)) refuse(`must be a list of ${what}`);
      else if (list.length === 0) refuse(whyNotEmpty);
      else if (list.length > most) refuse(`holds ${list.length} ${what}; at most ${most} are taken`);
    })
    .meta({ type: 'array', items: jsonSchemaOf(item), minItems: 1, maxItems: most })
    .pipe(z.array(item));

export const columns = listOf(
  z
    .string('must be a column name')
    .superRefine((column, context) => {
      if (isKnownColumn(column)) return;
      const message = `${shown(column)} is not a reporting column of Pinterest.${didYouMean(column, ALL_COLUMNS)}`;
      context.addIssue({ code: 'custom', message });
    })
    .meta({ enum: ALL_COLUMNS }),
  ALL_COLUMNS.length,
  'column names',
  'must name at least one column',
).transform((names) => [...new Set(names)]);

const ID = /^\d{1,20}$/;
const isId = (id: unknown): boolean => typeof id === 'string' && ID.test(id);

/**
 * `all`, or ids as strings of digits.
 * @param what `ids`
 */
export const allOrIds = (most: number, what: string) =>
  z
    .unknown()
    .superRefine((ids, context) => {
      const refuse = (message: string, ...path: number[]): void =>
        context.addIssue({ code: 'custom', message, path });
      if (ids === undefined || ids === 'all') return;
      if (!Array.isArray(ids)) return refuse(`must be "all" or a list of ${what}`);
      if (ids.length === 0) return refuse('must name at least one id, or be "all"');
      if (ids.length > most) return refuse(`holds ${ids.length} ${what}; at most ${most} are taken`);
      // Not by forEach of the list itself, which passes over empty places.
      Array.from<unknown>(ids).forEach((id, index) => {
        if (isId(id)) return;
        const number = typeof id === 'number' ? ' (a JSON number loses digits beyond 2^53)' : '';
        refuse(`${shown(id)} is not an id: a string of digits${number}`, index);
      });
    })
    .meta({
      oneOf: [
        { const: 'all' },
        { type: 'array', items: { type: 'string', pattern: ID.source }, minItems: 1, maxItems: most },
      ],
    })
    .transform((ids) => ids as 'all' | string[] | undefined);

/** Ids as strings of digits. */
export const idList = allOrIds(MOST_IDS, 'ids').refine(
  (ids) => ids !== 'all',
  'must be a list of ids; leave them out for all',
) as unknown as z.ZodType<string[]>;

export const names = listOf(
  z
    .string('must be a name')
    .min(1, 'must not be empty')
    .max(LONGEST_NAME, `must not be longer than ${LONGEST_NAME} characters`),
  MOST_NAMES,
  'names',
  'must name at least one object',
);

/** What all selections hold together; each by itself was checked. */
export const selectionProblems = (
  selections: readonly { ids?: 'all' | string[] | undefined; names?: string[] | undefined }[],
): SpecProblem[] => {
  const ids = selections.reduce((sum, { ids }) => sum + (Array.isArray(ids) ? ids.length : 0), 0);
  const names = selections.flatMap((selection) => selection.names ?? []);
  const characters = names.filter(isPattern).reduce((sum, { length }) => sum + length, 0);
  const bounds = [
    [ids, MOST_IDS, 'ids'],
    [names.length, MOST_NAMES, 'names'],
    [characters, MOST_PATTERN_CHARACTERS, 'characters of names with *'],
  ] as const;
  return bounds
    .filter(([given, most]) => given > most)
    .map(([given, most, what]) => ({
      path: 'source.objects',
      message: `hold ${given} ${what} together; at most ${most} are taken`,
    }));
};
