// Checks the targets of a spec: each kind by its own schema.
import { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { shown, type SpecProblem } from './invalid-spec.js';
import { jsonSchemaOf } from './json-schema.js';
import { mappingProblems, MOST_PATHS } from './mapping.js';
import type { TargetKind, TargetSpec } from './spec.js';
import { targetName, type MissingVariables } from './targets.js';

const name = (what: string, example: string) => {
  const message = `must be ${what}, e.g. ${JSON.stringify(example)}`;
  return z.string(message).trim().min(1, message).max(200, 'must be 200 characters or less');
};

/** What every folder's name may be on every system; no `.` or `..` among them, nothing hidden. */
const FOLDER = /^[\p{L}\p{N}_-][\p{L}\p{N}._ -]*$/u;

const folderBelow = name('a folder below PARQUET_FOLDER', 'acme').refine(
  (path) => path.split('/').every((folder) => FOLDER.test(folder)),
  {
    error: ({ input }) =>
      `${JSON.stringify(input)} is no folder below PARQUET_FOLDER: folders of letters, digits, "_", "-", "." and " ", ` +
      'parted by "/", none of which begins with "."',
  },
);

const adopt = z.boolean('must be true or false').default(false);

/** A new kind of target is a line here, a type in `spec.ts`, and a line in `targets/targets.ts`. */
const KINDS = {
  'experience-platform': z
    .strictObject({
      kind: z.literal('experience-platform'),
      sandbox: name("a sandbox's name", 'prod').regex(
        /^[\w-]+$/,
        'must be a name of letters, digits and "-", e.g. "prod"',
      ),
      dataset: name("a dataset's name", 'acme-ads'),
      mapping: z
        .record(
          z.string(),
          z.string('must be a column, or an expression of columns'),
          'must be an object: target path → column or expression',
        )
        .refine((paths) => Object.keys(paths).length > 0, 'must map at least one path')
        .superRefine((mapping, context) => {
          for (const { path, message } of mappingProblems(mapping))
            context.addIssue({ code: 'custom', path: path === '' ? [] : [path], message });
        })
        .meta({ minProperties: 1, maxProperties: MOST_PATHS })
        .optional(),
      shape: z.enum(['columns', 'paid-media'], 'must be "columns" or "paid-media"').optional(),
      errorThresholdPercent: z
        .number('must be a number from 0 to 100')
        .min(0, 'must be from 0 to 100')
        .max(100, 'must be from 0 to 100')
        .default(5),
      adopt,
    })
    .superRefine(({ mapping, shape }, context) => {
      if (!mapping || !shape) return;
      const message = 'stands beside "mapping", which says all of it; keep one of them';
      context.addIssue({ code: 'custom', path: ['shape'], message });
    })
    .transform(({ shape = 'columns', ...target }) => ({ ...target, shape })),
  parquet: z.strictObject({ kind: z.literal('parquet'), path: folderBelow, adopt }),
} satisfies Record<TargetKind, z.ZodType<TargetSpec>>;

const TARGET_KINDS = Object.keys(KINDS);

const known = `one of ${TARGET_KINDS.map((kind) => JSON.stringify(kind)).join(', ')}`;

const isKind = (kind: unknown): kind is TargetKind => TARGET_KINDS.includes(kind as string);

/** Two kinds differ in all but their `kind`: which one it is, is settled first. */
const anyTarget = z.unknown().meta({ oneOf: Object.values(KINDS).map(jsonSchemaOf) });

const target = anyTarget.transform((value, context): TargetSpec => {
  const kind = (value as { kind?: unknown } | null | undefined)?.kind;
  const schema = isKind(kind) ? KINDS[kind] : undefined;
  if (!schema) {
    const message =
      kind === undefined
        ? `must be ${known}`
        : `${shown(kind)} is not ${known}.${typeof kind === 'string' ? didYouMean(kind, TARGET_KINDS) : ''}`;
    context.issues.push({ code: 'custom', path: ['kind'], message, input: kind });
    return z.NEVER;
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) context.issues.push({ ...issue, input: issue.input } as never);
  return z.NEVER;
});

export const targets = z.array(target, 'must be a list').max(20, 'at most 20 targets').default([]);

/** The keys that a target may have, for "did you mean"; none if its kind is not known. */
export const keysOfTarget = (kind: unknown): string[] => {
  const schema = isKind(kind) ? KINDS[kind] : undefined;
  const shape = schema instanceof z.ZodPipe ? (schema.in as z.ZodType) : schema;
  return shape instanceof z.ZodObject ? Object.keys(shape.shape) : [];
};

/**
 * What cannot be seen of one target alone: the same one twice, a worker that lacks what its kind needs, breakdowns in a
 * shape that has no field for them.
 */
export const targetProblems = (
  found: readonly TargetSpec[],
  missing: MissingVariables | undefined,
  brokenDown: boolean,
): SpecProblem[] => {
  const names = found.map(targetName);
  return found.flatMap((target, index) => {
    const { kind } = target;
    const problems: SpecProblem[] = [];
    const path = `targets[${index}]`;
    if (brokenDown && kind === 'experience-platform' && !target.mapping && target.shape === 'paid-media') {
      const message =
        '"paid-media" has no field for breakdowns, so their rows would count again what others count; use "columns", or ' +
        'a dataflow of its own without breakdowns';
      problems.push({ path: `${path}.shape`, message });
    }
    if (names.indexOf(names[index]!) < index)
      problems.push({ path, message: `is the same as targets[${names.indexOf(names[index]!)}]` });
    const lacking = missing?.[kind] ?? [];
    if (lacking.length > 0) {
      const message = `the worker's environment lacks ${lacking.join(', ')}, which targets of kind ${JSON.stringify(kind)} need`;
      problems.push({ path, message });
    }
    return problems;
  });
};
