// Typed values out of environment variables: zod schemas whose input is the whole environment.
import { z } from 'zod';
import { readSecretFile } from './credentials/secret-file.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export const environment = z.custom<Environment>();

/** The variable's text as `schema` reads it: undefined if it is not set, or empty. */
export const variable = <Schema extends z.ZodType>(name: string, schema: Schema) =>
  environment.transform((variables, context): z.output<Schema> => {
    const { success, data, error } = schema.safeParse(variables[name] || undefined);
    if (success) return data;
    for (const { message } of error.issues) context.addIssue(`${name}: ${message}`);
    return z.NEVER;
  });

/** A variable that may instead stand in a file, whose path is in `<name>_FILE`. Messages of `schema` must not quote it. */
export const secret = <Schema extends z.ZodType>(name: string, schema: Schema) =>
  environment
    .transform((variables, context): Environment => {
      const file = variables[`${name}_FILE`];
      if (variables[name] || !file) return variables;
      try {
        return { [name]: readSecretFile(file) };
      } catch (error) {
        context.addIssue(`${name}_FILE: ${(error as Error).message}`);
        return z.NEVER;
      }
    })
    .pipe(variable(name, schema));

/** Settings by their names, each out of the environment by its own schema. All are looked at, whichever of them fail. */
export const settingsOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (variables) => Object.fromEntries(Object.keys(shape).map((name) => [name, variables])),
    z.object(shape),
  );

/** Text that `parse` makes a value of; what it throws is the message. */
export const parsedBy = <Value>(parse: (text: string) => Value) =>
  z.string().transform((text, context): Value => {
    try {
      return parse(text);
    } catch (error) {
      context.addIssue((error as Error).message);
      return z.NEVER;
    }
  });

/** For messages about a value that may be shown: the value, then `what`. */
export const quoted =
  (what: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    `${JSON.stringify(input)} ${what}`;
