// What the run of one ad account tells the run of several, read field by field: whoever may signal is only half trusted.
import { datasetKey, factsOf, LEVELS } from '../dataflow/object-types.js';
import { integer, optional, record, text, type Read } from '../quota/budget/checks.js';
import type { AccountNews } from './contract.js';

const count = integer(0, Number.MAX_SAFE_INTEGER);

/** All that there may be rows of. */
const DATASETS = LEVELS.flatMap((objectType) => [
  datasetKey({ objectType }),
  ...factsOf(objectType).breakdowns.map((breakdown) => datasetKey({ objectType, breakdown })),
]);

const rows: Read<AccountNews['rows']> = (value, name) => {
  const fields = Object.fromEntries(DATASETS.map((key) => [key, optional(count)]));
  const read = record<Record<string, number | undefined>>(fields)(value, name);
  return Object.fromEntries(
    Object.entries(read).flatMap(([type, some]) => (some === undefined ? [] : [[type, some]])),
  );
};

/** @throws Misfit */
export const readNews = (message: unknown): AccountNews =>
  record<AccountNews>({
    adAccountId: text(1, 20),
    chunks: record({ done: count, running: count, planned: count }),
    rows,
    apiCalls: count,
  })(message, '');
