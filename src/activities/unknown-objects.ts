// What a spec names and the ad account does not have, told with the names that may have been meant.
import { KnownError } from '../dataflow/failures.js';
import type { RunError } from '../dataflow/flow-run.js';
import type { Need } from '../dataflow/gaps.js';
import { nearestNames } from '../dataflow/names.js';
import type { UnknownObjects } from '../dataflow/need.js';
import { describeDataset } from '../dataflow/object-types.js';
import type { DataflowAccount, Store } from '../store/store.js';

/** Of how many names that find nothing the nearest ones are told. */
const NAMES_TOLD = 3;
const LISTED = 10;

export const listed = (words: readonly string[]): string =>
  words.length <= LISTED
    ? words.join(', ')
    : `${words.slice(0, LISTED).join(', ')} and ${words.length - LISTED} more`;

const quoted = (names: readonly string[]): string[] => names.map((name) => JSON.stringify(name));

/** ` Nearest to "Sprnig *": "Spring Sale".` */
const nearest = (names: readonly string[], held: readonly string[]): string =>
  names
    .slice(0, NAMES_TOLD)
    .map((name) => ` Nearest to ${JSON.stringify(name)}: ${quoted(nearestNames(name, held)).join(', ')}.`)
    .join('');

/** A dataset of the spec, with what it names in vain. */
export interface Wanted {
  need: Need;
  unknown: UnknownObjects;
}

/** Nothing that the spec names is there: no object is wanted, and none can be read. */
const findsNothing = (wanted: readonly Wanted[]): boolean =>
  wanted.every(({ need }) => need.selection === 'some' && need.objects?.length === 0);

/**
 * What the record says of objects that are not there.
 * @throws KnownError if none of the spec's objects is: there is nothing to run for
 */
export const unknownObjects = async (
  store: Store,
  account: DataflowAccount,
  wanted: readonly Wanted[],
): Promise<RunError[]> => {
  const messages: string[] = [];
  for (const { need, unknown } of wanted) {
    const { ids, names } = unknown;
    if (ids.length + names.length === 0) continue;
    const many = describeDataset(need);
    const objects = names.length === 0 ? [] : await store.catalogue.objects(account, need.objectType);
    const held = objects.flatMap(({ name }) => (name === null ? [] : [name]));
    const hint = held.length > 0 ? nearest(names, held) : '';
    messages.push(
      `Ad account ${account.adAccountId} has no ${many} ${listed([...ids, ...quoted(names)])}.${hint}`,
    );
  }
  const code = 'UnknownObjects';
  if (messages.length > 0 && findsNothing(wanted)) {
    const message = `${messages.join(' ')} Nothing was read: the ad account has no object that the spec names.`;
    throw new KnownError(code, message);
  }
  return messages.map((message) => ({ code, message: `${message} The others were read.` }));
};
