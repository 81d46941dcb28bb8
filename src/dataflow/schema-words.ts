// The words that inputs are made of, each with what to say of one that does not fit.
import { z } from 'zod';
import { isDate } from './dates.js';
import { didYouMean } from './did-you-mean.js';
import { shown } from './invalid-spec.js';

/** Schema names that a database keeps for itself. */
const RESERVED_NAMES = new Set(['main', 'temp', 'system', 'public', 'information-schema']);
/** PostgreSQL keeps every name that begins so. */
const RESERVED_PREFIX = 'pg-';

export const quoted = (words: readonly unknown[]): string =>
  words.map((word) => JSON.stringify(word)).join(', ');

export const oneOf = <const T extends readonly string[]>(known: T, spellings: readonly string[] = []) =>
  z
    .string(`must be one of ${quoted(known)}`)
    .superRefine((value, context) => {
      if (!known.includes(value)) {
        const hint = didYouMean(value, [...known, ...spellings]);
        context.addIssue({
          code: 'custom',
          message: `${shown(value)} is not one of ${quoted(known)}.${hint}`,
        });
      }
    })
    .meta({ enum: [...known, ...spellings] }) as unknown as z.ZodType<T[number], string>;

export const digits = (what: string) =>
  z
    .string(`${what} must be a string of digits (a JSON number loses digits beyond 2^53)`)
    .regex(/^\d{1,20}$/, `${what} must be a string of digits`);

export const date = z
  .string('must be a date, "YYYY-MM-DD"')
  .refine(isDate, 'must be a date that exists, "YYYY-MM-DD"')
  .meta({ format: 'date' });

export const credentialName = z
  .string('must be the name of a credential, never a token')
  .min(1)
  .max(100, 'must be the name of a credential, at most 100 characters')
  .default('default');

export const dataflowName = z
  .string('must be a string of a-z, 0-9 and -')
  .regex(
    /^[a-z0-9-]{1,50}$/,
    'must be 1 to 50 characters of a-z, 0-9 and - (it becomes the schema in the store)',
  )
  .refine(
    (name) => !RESERVED_NAMES.has(name) && !name.startsWith(RESERVED_PREFIX),
    'is a name the database keeps for itself; choose another',
  );
