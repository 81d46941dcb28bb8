// Checks a dataflow spec: its defaults, and every reason to refuse it before anything is spent or written.
import { z } from 'zod';
import type { Granularity } from './chunk.js';
import { DEFAULT_COLUMNS } from './columns.js';
import { bringItIn } from './credential-names.js';
import type { DateOnly } from './dates.js';
import { cut, InvalidSpec, shown } from './invalid-spec.js';
import { isOfOneAccount, type DataflowSpec, type ManyAccountsSpec } from './spec.js';
import { accountProblems } from './spec-accounts.js';
import { credentialName, dataflowName, date, digits, oneOf, quoted } from './schema-words.js';
import { FURTHEST_BACK, PROFILES } from './guardrails.js';
import { keysOf, problemsOf } from './schema-problems.js';
import { keysOfTarget, targetProblems, targets } from './parse-targets.js';
import { defaultBackfillDays, isBrokenDown, limitProblems, viewProblems } from './spec-limits.js';
import {
  allOrIds,
  columns,
  listOf,
  MOST_AD_ACCOUNTS,
  MOST_SELECTIONS,
  selectionProblems,
} from './spec-lists.js';
import { selection } from './spec-objects.js';
import type { MissingVariables } from './targets.js';

const WINDOW_DAYS = [0, 1, 7, 14, 30, 60] as const;
const SPELLINGS: Record<string, Granularity> = { WEEKLY: 'WEEK', MONTHLY: 'MONTH' };
const GRANULARITIES = ['TOTAL', 'DAY', 'HOUR', 'WEEK', 'MONTH'] as const;
const days = (least: number) => {
  const message = `must be a whole number of days, ${least} or more; Pinterest reaches ${FURTHEST_BACK.other} days back, ${FURTHEST_BACK.hour} for HOUR`;
  return z.int(message).min(least, message);
};

const attributionDays = (fallback: number) =>
  z
    .number(`must be one of ${WINDOW_DAYS.join(', ')}`)
    .refine(
      (days) => (WINDOW_DAYS as readonly number[]).includes(days),
      `must be one of ${WINDOW_DAYS.join(', ')}`,
    )
    .meta({ enum: WINDOW_DAYS })
    .default(fallback);

/** Of a spec as somebody writes it. */
export const specSchema = z.strictObject({
  $schema: z.string().optional(),
  name: dataflowName,
  connection: z
    .strictObject({
      adAccountId: digits('an ad account id').optional(),
      adAccountIds: allOrIds(MOST_AD_ACCOUNTS, 'ad account ids')
        .transform((ids) => (Array.isArray(ids) ? [...new Set(ids)] : ids))
        .optional(),
      credential: credentialName,
    })
    // Which of the two it is: `spec-accounts.ts`.
    .meta({ oneOf: [{ required: ['adAccountId'] }, { required: ['adAccountIds'] }] }),
  source: z.strictObject({
    objects: listOf(selection, MOST_SELECTIONS, 'objects', 'must name at least one object type'),
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
  views: oneOf(['fivetran'] as const).optional(),
  targets,
});

/** What may stand at `path`, for "did you mean": the keys of a target depend on its kind. */
const keysAt = (path: readonly PropertyKey[], input: unknown): readonly string[] => {
  const [first, index] = path;
  if (first !== 'targets') return keysOf(specSchema, path);
  const listed = (input as { targets?: { kind?: unknown }[] }).targets;
  return keysOfTarget(listed?.[Number(index)]?.kind);
};

export interface SpecContext {
  /** Names that the worker has a token for, configured or stored; left out if that is not known (in a client). */
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
  const parsed = specSchema.safeParse(input, { reportInput: true });
  const problems = parsed.success ? [] : problemsOf(parsed.error, (path) => keysAt(path, input));
  problems.push(...accountProblems(input));
  const name =
    (input as { connection?: { credential?: unknown } } | null)?.connection?.credential ?? 'default';
  if (context.credentials && typeof name === 'string' && !context.credentials.includes(name)) {
    problems.push({
      path: 'connection.credential',
      message:
        `no credential named ${shown(name)} is configured or stored on the worker ` +
        `(it has ${context.credentials.length > 0 ? quoted(context.credentials) : 'none'}). ` +
        bringItIn(cut(name)),
    });
  }
  if (!parsed.success) throw new InvalidSpec(problems);

  const { $schema: _, ...spec } = parsed.data;
  const { attribution } = spec.source;
  const complete = {
    ...spec,
    source: {
      ...spec.source,
      backfillDays: spec.source.backfillDays ?? defaultBackfillDays(spec.source),
      restateDays:
        spec.source.restateDays ??
        Math.max(attribution.clickWindowDays, attribution.engagementWindowDays, attribution.viewWindowDays),
    },
  };
  problems.push(
    ...selectionProblems(complete.source.objects),
    ...limitProblems(complete, context.today),
    ...viewProblems(complete),
  );
  problems.push(...targetProblems(complete.targets, context.missingVariables, isBrokenDown(complete.source)));
  if (problems.length > 0) throw new InvalidSpec(problems);
  // Exactly one of the two keys is there.
  return complete as DataflowSpec | ManyAccountsSpec;
};
