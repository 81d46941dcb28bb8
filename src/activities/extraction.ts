// A chunk in the words of Pinterest's API.
import type { Chunk } from '../dataflow/chunk.js';
import { datasetOf } from '../dataflow/object-types.js';
import type { DataflowSpec } from '../dataflow/spec.js';
import type { Extraction } from '../pinterest/request.js';

export const extractionOf = <Ids extends readonly string[] | null>(
  spec: DataflowSpec,
  chunk: Chunk,
  ids: Ids,
): Extraction & { ids: Ids } => ({
  adAccountId: spec.connection.adAccountId,
  ...datasetOf(chunk),
  ids,
  from: chunk.from,
  to: chunk.to,
  granularity: spec.source.granularity,
  columns: spec.source.columns,
  attribution: spec.source.attribution,
});
