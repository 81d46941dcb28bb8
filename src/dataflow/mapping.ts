// A mapping: target paths, and for each a column of the store or a JSONata expression of its columns. Checked, and applied to rows;
// pure. An expression is somebody's program: whoever runs many of them bounds their time and memory from outside as well.
import jsonata from 'jsonata';

/** A row of the store: its columns by their names, absent ones left out. */
export type SourceRow = Readonly<Record<string, unknown>>;

/** What is wrong with one path of a mapping. */
export interface MappingProblem {
  path: string;
  message: string;
}

/** A row as mapped: nested objects, or what is wrong with it. */
export type MappedRow = { row: Record<string, unknown> } | { problem: MappingProblem };

export const MOST_PATHS = 500;
export const LONGEST_EXPRESSION = 1_000;
const LONGEST_PATH = 200;
/** Of one expression on one row: some 0.2 s of work. Not a time, so that a busy machine rejects no row that an idle one takes. */
const MOST_STEPS = 100_000;
const DEEPEST = 200;
const LONGEST_SEQUENCE = 10_000;
/** Characters of one value. */
const LONGEST_VALUE = 100_000;

const NAME = /^[A-Za-z_][\w-]*$/;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

const namesOf = (path: string): string[] => path.split('.');

const pathProblem = (path: string, all: readonly string[]): string | undefined => {
  if (path.length > LONGEST_PATH) return `must be ${LONGEST_PATH} characters or less`;
  if (!namesOf(path).every((name) => NAME.test(name) && !FORBIDDEN.has(name)))
    return 'is no path: names of letters, digits, "_" and "-", parted by ".", e.g. "_acme.spend"';
  const above = all.find((other) => path.startsWith(`${other}.`));
  return above === undefined ? undefined : `lies in ${above}, which has a value of its own`;
};

/** JSONata calls what stands under this name before each step of an evaluation. */
const EVERY_STEP = Symbol.for('jsonata.__evaluate_entry') as unknown as string;

const compile = (expression: string): jsonata.Expression =>
  jsonata(expression, { stack: DEEPEST, sequence: LONGEST_SEQUENCE });

/** For one evaluation: throws at its step past the last one. */
const countSteps = (): (() => void) => {
  let steps = 0;
  return () => {
    steps += 1;
    if (steps > MOST_STEPS) throw new Error(`takes more than ${MOST_STEPS} steps; does it end?`);
  };
};

const expressionProblem = (expression: string): string | undefined => {
  if (expression.trim() === '') return 'must not be empty';
  if (expression.length > LONGEST_EXPRESSION) return `must be ${LONGEST_EXPRESSION} characters or less`;
  try {
    compile(expression);
    return undefined;
  } catch (error) {
    const { message, position } = error as Error & { position?: number };
    return `${JSON.stringify(expression)} is no JSONata expression: ${message}${position === undefined ? '' : ` (at ${position})`}`;
  }
};

/** What can be seen of a mapping without a row. */
export const mappingProblems = (mapping: Readonly<Record<string, string>>): MappingProblem[] => {
  const paths = Object.keys(mapping);
  if (paths.length > MOST_PATHS) return [{ path: '', message: `at most ${MOST_PATHS} paths` }];
  return Object.entries(mapping).flatMap(([path, expression]) => {
    const message = pathProblem(path, paths) ?? expressionProblem(expression);
    return message === undefined ? [] : [{ path, message }];
  });
};

const put = (row: Record<string, unknown>, path: string, value: unknown): void => {
  const names = namesOf(path);
  let at = row;
  for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
  at[names.at(-1)!] = value;
};

const valueProblem = (value: unknown): string | undefined => {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'gives no finite number';
  if (typeof value === 'string')
    return value.length > LONGEST_VALUE ? `gives a text of more than ${LONGEST_VALUE} characters` : undefined;
  if (typeof value === 'boolean') return undefined;
  // Lists carry functions of JSONata's own.
  if (typeof value === 'object') {
    if ('_jsonata_lambda' in value! || '_jsonata_function' in value!) return 'gives a function, not a value';
    return JSON.stringify(value).length > LONGEST_VALUE
      ? `gives more than ${LONGEST_VALUE} characters`
      : undefined;
  }
  return 'gives a function, not a value';
};

export class Mapping {
  private readonly expressions: readonly (readonly [path: string, expression: jsonata.Expression])[];

  /** @param mapping one that `mappingProblems` finds nothing in */
  constructor(mapping: Readonly<Record<string, string>>) {
    this.expressions = Object.entries(mapping).map(([path, text]) => [path, compile(text)] as const);
  }

  /**
   * What gives no value, or null, is left out.
   * @param begins told of each path, by its place in the mapping, before its expression is evaluated
   */
  async row(source: SourceRow, begins?: (place: number) => void): Promise<MappedRow> {
    const row: Record<string, unknown> = {};
    for (const [place, [path, expression]] of this.expressions.entries()) {
      begins?.(place);
      let value: unknown;
      try {
        expression.assign(EVERY_STEP, countSteps());
        value = await expression.evaluate(source);
      } catch (error) {
        return { problem: { path, message: (error as Error).message } };
      }
      if (value === undefined || value === null) continue;
      const message = valueProblem(value);
      if (message !== undefined) return { problem: { path, message } };
      put(row, path, value);
    }
    return { row };
  }
}

/** The value at a path of a mapped row. */
export const valueAt = (row: Readonly<Record<string, unknown>>, path: string): unknown =>
  namesOf(path).reduce<unknown>(
    (at, name) => (at === undefined ? undefined : (at as Record<string, unknown>)[name]),
    row,
  );
