// The inputs of the workflows that answer a person before a run and beside runs, checked as a spec is.
import { z } from 'zod';
import { factsOf, LEVELS, OBJECT_TYPES } from './object-types.js';
import { credentialName, dataflowName, date, digits, oneOf, quoted } from './schema-words.js';
import { keysOf, problemsOf } from './schema-problems.js';
import { InvalidSpec, type SpecProblem } from './invalid-spec.js';
import { columns, idList, names } from './spec-lists.js';

/** In Pinterest's words. */
export const STATUSES = ['ACTIVE', 'PAUSED', 'ARCHIVED', 'DRAFT', 'DELETED_DRAFT'] as const;

/** Objects of an answer, unless asked for fewer or more. */
const DEFAULT_LIMIT = 200;
const MOST_LIMIT = 1_000;

const connection = z
  .strictObject({ adAccountId: digits('an ad account id').optional(), credential: credentialName })
  .prefault({});

const check = z.strictObject({ connection }).prefault({});

const limit = `must be a whole number from 1 to ${MOST_LIMIT}`;
const explore = z
  .strictObject({
    connection,
    type: oneOf(OBJECT_TYPES).optional(),
    names: names.optional(),
    statuses: z
      .array(oneOf(STATUSES), `must be a list of ${quoted(STATUSES)}`)
      .min(1, 'must name at least one status')
      .max(STATUSES.length, `must not name more than there are: ${quoted(STATUSES)}`)
      .optional(),
    limit: z.int(limit).min(1, limit).max(MOST_LIMIT, limit).default(DEFAULT_LIMIT),
  })
  .superRefine(({ connection, type, statuses }, context) => {
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message, input: type });
    if (type && !connection.adAccountId)
      refuse(['connection', 'adAccountId'], 'must name the ad account whose objects are asked for');
    if (statuses && !type) refuse(['statuses'], 'are of objects: say which by "type"');
  })
  .prefault({});

const BREAKDOWNS = [...new Set(LEVELS.flatMap((level) => factsOf(level).breakdowns))];

const forget = z.strictObject({
  name: dataflowName,
  adAccountId: digits('an ad account id').optional(),
  objectType: oneOf(LEVELS).optional(),
  breakdown: oneOf(BREAKDOWNS).optional(),
  ids: idList.optional(),
  from: date.optional(),
  to: date.optional(),
});

const reconcile = z.strictObject({
  name: dataflowName,
  adAccountId: digits('an ad account id').optional(),
  from: date.optional(),
  to: date.optional(),
  columns: columns.optional(),
  repair: z.boolean('must be true or false').default(false),
});

/** What may be wrong with a connection, asked for by `checkConnection`. */
export type CheckInput = z.output<typeof check>;
export type ExploreInput = z.output<typeof explore>;
/** Which cells: those of every ad account, type, breakdown, id and date, unless one is named. */
export type ForgetInput = z.output<typeof forget>;
export type ReconcileInput = z.output<typeof reconcile>;
/** The same as somebody writes it. */
export type ReconcileQuestion = z.input<typeof reconcile>;

const read = <Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  workflow: string,
): z.output<Schema> => {
  const refused = (problems: SpecProblem[]): InvalidSpec =>
    new InvalidSpec(problems, { whole: 'input', says: `${workflow} cannot run with this input` });
  const parsed = schema.safeParse(input ?? undefined, { reportInput: true });
  if (!parsed.success) throw refused(problemsOf(parsed.error, (path) => keysOf(schema, path)));
  return parsed.data;
};

// Each @throws InvalidSpec with every problem found.
export const parseCheck = (input: unknown): CheckInput => read(check, input, 'checkConnection');
export const parseExplore = (input: unknown): ExploreInput => read(explore, input, 'explore');
export const parseReconcile = (input: unknown): ReconcileInput => read(reconcile, input, 'reconcile');
export const parseForget = (input: unknown): ForgetInput => read(forget, input, 'forget');
