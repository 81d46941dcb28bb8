// What a schema finds wrong, each problem with its path and, if a key is not known, the nearest one that is.
import { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { cut, type SpecProblem } from './invalid-spec.js';

const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text && '.'}${cut(String(part))}`,
    '',
  );

/** What a schema is about, without what is wrapped around it. */
const innermost = (type: unknown): unknown => {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional || type instanceof z.ZodPrefault)
    return innermost(type.unwrap());
  return type instanceof z.ZodPipe ? innermost(type.out) : type;
};

/** The keys that may stand at `path`, for "did you mean". */
export const keysOf = (schema: z.ZodType, path: readonly PropertyKey[]): string[] => {
  let at = innermost(schema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = innermost(at.element);
    else if (at instanceof z.ZodObject) at = innermost((at.shape as Record<string, unknown>)[String(part)]);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
};

/** @param keysAt the keys that may stand at a path */
export const problemsOf = (
  error: z.ZodError,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): SpecProblem[] =>
  error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(issue.path);
      return issue.keys.map((key) => ({
        path: pathOf([...issue.path, key]),
        message: `is not a known key.${didYouMean(key, known)}`,
      }));
    }
    const missing = ['invalid_type', 'custom'].includes(issue.code) && issue.input === undefined;
    const generic = issue.message.startsWith('Invalid input');
    const message = missing ? `is missing; it ${generic ? 'is required' : issue.message}` : issue.message;
    return [
      {
        path: pathOf(issue.path),
        message:
          generic && !missing ? `must be ${'expected' in issue ? String(issue.expected) : 'valid'}` : message,
      },
    ];
  });
