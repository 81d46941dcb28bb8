// A dataset: a name, and the schema of its rows.
import { z } from 'zod';

const SchemaRef = z.object({
  id: z.string(),
  contentType: z
    .string()
    .regex(
      /^application\/vnd\.adobe\.xed(-full)?(-notext)?\+json;\s*version=1$/,
      'must be like application/vnd.adobe.xed+json;version=1',
    ),
});
export const DatasetBody = z.looseObject({
  name: z.string().min(1),
  description: z.string().optional(),
  schemaRef: SchemaRef,
  fileDescription: z.record(z.string(), z.unknown()).default({}),
  tags: z.record(z.string(), z.array(z.string())).default({}),
  enableErrorDiagnostics: z.boolean().optional(),
});

export interface Dataset extends z.output<typeof DatasetBody> {
  id: string;
  created: number;
  updated: number;
  lastBatchId?: string;
  lastBatchStatus?: string;
  lastSuccessfulBatch?: string;
}
