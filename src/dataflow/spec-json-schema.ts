// The JSON Schema of a dataflow spec, which the build writes to `dist/dataflow.schema.json`. It says all that one field can
// tell; what hangs on others or on the day (how far back, the same target twice) the parser says.
import { jsonSchemaOf } from './json-schema.js';
import { specSchema } from './parse-spec.js';

export const specJsonSchema = (): Record<string, unknown> => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Pinterest Ads dataflow',
  description: 'What a dataflow reads, and where it delivers it: see README, "The spec".',
  ...jsonSchemaOf(specSchema),
});
