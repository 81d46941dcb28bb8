// Checks a dataflow spec: its defaults, and every reason to refuse it before anything is spent or written.
import { z } from 'zod';
import type { Granularity } from './chunk.js';
import { OBJECT_TYPES } from './object-types.js';
import { DEFAULT_COLUMNS } from './columns.js';
import { isDate, type DateOnly } from './dates.js';
import { cut, InvalidSpec, shown, type SpecProblem } from './invalid-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from './spec.js';
import { accountProblems } from './spec-accounts.js';
import { FURTHEST_BACK, PROFILES } from './guardrails.js';
import { didYouMean } from './did-you-mean.js';
import { keysOfTarget, targetProblems, targets } from './parse-targets.js';
import { limitProblems } from './spec-limits.js';
import {
  allOrIds,
  columns,
  listOf,
  MOST_AD_ACCOUNTS,
  MOST_IDS,
  MOST_SELECTIONS,
  names,
  selectionProblems,
} from './spec-lists.js';
import type { MissingVariables } from './targets.js';

const WINDOW_DAYS = [0, 1, 7, 14, 30, 60] as const;
const SPELLINGS: Record<string, Granularity> = { WEEKLY: 'WEEK', MONTHLY: 'MONTH' };
const GRANULARITIES = ['TOTAL', 'DAY', 'HOUR', 'WEEK', 'MONTH'] as const;
/** Schema names that a database keeps for itself. */
const RESERVED_NAMES = new Set(['main', 'temp', 'system', 'public', 'information-schema']);
/** PostgreSQL keeps every name that begins so. */
const RESERVED_PREFIX = 'pg-';

const quoted = (words: readonly unknown[]): string => words.map((word) => JSON.stringify(word)).join(', ');

const oneOf = <const T extends readonly string[]>(known: T, spellings: readonly string[] = []) =>
  z.string(`must be one of ${quoted(known)}`).superRefine((value, context) => {
    if (!known.includes(value)) {
      const hint = didYouMean(value, [...known, ...spellings]);
      context.addIssue({
        code: 'custom',
        message: `${shown(value)} is not one of ${quoted(known)}.${hint}`,
      });
    }
  }) as unknown as z.ZodType<T[number], string>;

const days = (least: number) => {
  const message = `must be a whole number of days, ${least} or more; Pinterest reaches ${FURTHEST_BACK.other} days back, ${FURTHEST_BACK.hour} for HOUR`;
  return z.int(message).min(least, message);
};

const digits = (what: string) =>
  z
    .string(`${what} must be a string of digits (a JSON number loses digits beyond 2^53)`)
    .regex(/^\d{1,20}$/, `${what} must be a string of digits`);

const date = z
  .string('must be a date, "YYYY-MM-DD"')
  .refine(isDate, 'must be a date that exists, "YYYY-MM-DD"');

const selection = z
  .strictObject({
    type: oneOf(OBJECT_TYPES),
    ids: allOrIds(MOST_IDS, 'ids').optional(),
    names: names.optional(),
  })
  .superRefine(({ ids, names }, context) => {
    if ((ids === undefined) === (names === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either "ids" (a list, or "all") or "names"' });
    }
  });

const attributionDays = (fallback: number) =>
  z
    .number(`must be one of ${WINDOW_DAYS.join(', ')}`)
    .refine(
      (days) => (WINDOW_DAYS as readonly number[]).includes(days),
      `must be one of ${WINDOW_DAYS.join(', ')}`,
    )
    .default(fallback);

const schema = z.strictObject({
  $schema: z.string().optional(),
  name: z
    .string('must be a string of a-z, 0-9 and -')
    .regex(
      /^[a-z0-9-]{1,50}$/,
      'must be 1 to 50 characters of a-z, 0-9 and - (it becomes the schema in the store)',
    )
    .refine(
      (name) => !RESERVED_NAMES.has(name) && !name.startsWith(RESERVED_PREFIX),
      'is a name the database keeps for itself; choose another',
    ),
  connection: z.strictObject({
    adAccountId: digits('an ad account id').optional(),
    adAccountIds: allOrIds(MOST_AD_ACCOUNTS, 'ad account ids')
      .transform((ids) => (Array.isArray(ids) ? [...new Set(ids)] : ids))
      .optional(),
    credential: z
      .string('must be the name of a credential, never a token')
      .min(1)
      .max(100, 'must be the name of a credential, at most 100 characters')
      .default('default'),
  }),
  source: z.strictObject({
    objects: listOf(selection, MOST_SELECTIONS, 'objects').refine(
      (list) => list.length > 0,
      'must name at least one object type',
    ),
    granularity: z
      .preprocess(
        (value) => (typeof value === 'string' ? (SPELLINGS[value] ?? value) : value),
        oneOf(GRANULARITIES, ['WEEKLY', 'MONTHLY']),
      )
      .default('DAY'),
    columns: columns.default([...DEFAULT_COLUMNS]),
    attribution: z
      .strictObject({
        clickWindowDays: attributionDays(30),
        engagementWindowDays: attributionDays(30),
        viewWindowDays: attributionDays(1),
        conversionReportTime: oneOf(['TIME_OF_AD_ACTION', 'TIME_OF_CONVERSION'] as const).default(
          'TIME_OF_AD_ACTION',
        ),
      })
      .prefault({}),
    // How far back a spec may go depends on its columns and granularity: `spec-limits.ts`.
    backfillDays: days(1).optional(),
    restateDays: days(0).max(FURTHEST_BACK.other, `must not be more than ${FURTHEST_BACK.other}`).optional(),
    api: oneOf(PROFILES as readonly ['current', 'v5-2023']).default('current'),
  }),
  window: z.strictObject({ from: date, to: date }).optional(),
  errorThresholdPercent: z
    .number('must be a number from 0 to 100')
    .min(0, 'must be from 0 to 100')
    .max(100, 'must be from 0 to 100')
    .default(5),
  targets,
});

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
const keysAt = (path: readonly PropertyKey[]): string[] => {
  let at = innermost(schema);
  for (const part of path) {
    if (at instanceof z.ZodArray) at = innermost(at.element);
    else if (at instanceof z.ZodObject) at = innermost((at.shape as Record<string, unknown>)[String(part)]);
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
};

const problemsOf = (error: z.ZodError, input: unknown): SpecProblem[] =>
  error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      const [first, index] = issue.path;
      const listed = (input as { targets?: { kind?: unknown }[] }).targets;
      const known = first === 'targets' ? keysOfTarget(listed?.[Number(index)]?.kind) : keysAt(issue.path);
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

export interface SpecContext {
  /** Names that the worker has a token for; left out if that is not known (in a client). */
  credentials?: readonly string[];
  /** What the worker lacks for targets; left out where that is not known (in a client). */
  missingVariables?: MissingVariables;
  today: DateOnly;
}

/**
 * Checks a spec of one ad account and fills in its defaults.
 * @throws InvalidSpec with every problem found
 */
export const parseSpec = (input: unknown, context: SpecContext): DataflowSpec => {
  const spec = parseAnySpec(input, context);
  if (isOfOneAccount(spec)) return spec;
  const message = 'names several ad accounts where one is needed: use adAccountId';
  throw new InvalidSpec([{ path: 'connection.adAccountIds', message }]);
};

/**
 * Checks a spec of one ad account or several and fills in its defaults.
 * @throws InvalidSpec with every problem found
 */
export const parseAnySpec = (input: unknown, context: SpecContext): DataflowSpec | ManyAccountsSpec => {
  const parsed = schema.safeParse(input, { reportInput: true });
  const problems = parsed.success ? [] : problemsOf(parsed.error, input);
  problems.push(...accountProblems(input));
  const name =
    (input as { connection?: { credential?: unknown } } | null)?.connection?.credential ?? 'default';
  if (context.credentials && typeof name === 'string' && !context.credentials.includes(name)) {
    problems.push({
      path: 'connection.credential',
      message:
        `no credential named ${shown(name)} is configured on the worker ` +
        `(it has ${context.credentials.length > 0 ? quoted(context.credentials) : 'none'}). ` +
        `Set ${name === 'default' ? 'PINTEREST_ACCESS_TOKEN' : `PINTEREST_ACCESS_TOKEN_${cut(name).toUpperCase().replaceAll('-', '_')}`} in its environment.`,
    });
  }
  if (!parsed.success) throw new InvalidSpec(problems);

  const { $schema: _, ...spec } = parsed.data;
  const { attribution, granularity } = spec.source;
  const complete = {
    ...spec,
    source: {
      ...spec.source,
      backfillDays: spec.source.backfillDays ?? (granularity === 'HOUR' ? 8 : 186),
      restateDays:
        spec.source.restateDays ??
        Math.max(attribution.clickWindowDays, attribution.engagementWindowDays, attribution.viewWindowDays),
    },
  };
  problems.push(...selectionProblems(complete.source.objects), ...limitProblems(complete, context.today));
  problems.push(...targetProblems(complete.targets, context.missingVariables));
  if (problems.length > 0) throw new InvalidSpec(problems);
  // Exactly one of the two keys is there.
  return complete as DataflowSpec | ManyAccountsSpec;
};
