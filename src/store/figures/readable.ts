// Whether all that a report reads may be read: what a role may not look into would be missing without a word.
import { LEVELS, tableOf } from '../../dataflow/object-types.js';
import { schemaName } from '../dataflow-account.js';
import { READING_ADVICE } from '../reading-advice.js';
import { StoreUnavailable } from '../store-unavailable.js';
import { lastingTables } from '../tables.js';

/** Tables of numbers are there if a spec has wanted them. */
const READ: readonly string[] = [
  'freshness',
  'runs',
  ...lastingTables().map(({ name }) => name),
  ...LEVELS.flatMap((objectType) => [tableOf({ objectType }), tableOf({ objectType, breakdown: 'any' })]),
];

/**
 * @param contents what is there
 * @param columns what may be read of it
 * @throws StoreUnavailable if these are not the same
 */
export const mustBeReadable = (
  dataflow: string,
  contents: readonly string[],
  columns: ReadonlyMap<string, unknown>,
): void => {
  const hidden = READ.filter((name) => contents.includes(name) && !columns.has(name));
  if (hidden.length === 0) return;
  const more = hidden.length > 1 ? ` and ${hidden.length - 1} more` : '';
  throw new StoreUnavailable(
    `STORE_URL's role may not read ${hidden[0]}${more} in the schema ${schemaName(dataflow)} of the store. ${READING_ADVICE}`,
    false,
  );
};
