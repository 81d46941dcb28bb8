// JSON Schema of what a zod schema takes, for editors and other programs. What zod cannot say of a check, its `meta` does.
import { z } from 'zod';

export const jsonSchemaOf = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};
