// The object entries of a spec: which objects, and what their numbers are broken down by.
import { z } from 'zod';
import { didYouMean } from './did-you-mean.js';
import { shown } from './invalid-spec.js';
import { describeDataset, factsOf, isListed, LEVELS, type ObjectType } from './object-types.js';
import { oneOf } from './schema-words.js';
import { allOrIds, listOf, MOST_IDS, names } from './spec-lists.js';

const MOST_BREAKDOWNS = Math.max(...LEVELS.map((type) => factsOf(type).breakdowns.length));

/** Why a type's numbers cannot be broken down so; null if they can. */
const whyNot = (type: ObjectType, breakdown: string): string | null => {
  const { breakdowns } = factsOf(type);
  if (breakdowns.includes(breakdown)) return null;
  const others = LEVELS.filter((level) => factsOf(level).breakdowns.includes(breakdown));
  const many = describeDataset({ objectType: type });
  const hint =
    others.length > 0
      ? ` Pinterest has it for ${others.map((level) => describeDataset({ objectType: level })).join(', ')}.`
      : didYouMean(breakdown, breakdowns);
  return `${shown(breakdown)} is not a targeting type that Pinterest breaks numbers of ${many} down by.${hint}`;
};

/** What of the keys hangs on the type, as JSON Schema. */
const ofType = (type: ObjectType) => ({
  properties: {
    type: { const: type },
    breakdowns: { items: { enum: factsOf(type).breakdowns } },
    ...(isListed(type) ? {} : { ids: false, names: false }),
  },
  ...(isListed(type) ? { oneOf: [{ required: ['ids'] }, { required: ['names'] }] } : {}),
});

export const selection = z
  .strictObject({
    type: oneOf(LEVELS),
    ids: allOrIds(MOST_IDS, 'ids').optional(),
    names: names.optional(),
    breakdowns: listOf(
      z.string('must be a targeting type'),
      MOST_BREAKDOWNS,
      'targeting types',
      'must name at least one targeting type; leave it out for none',
    )
      .transform((list) => [...new Set(list)])
      .optional(),
  })
  .superRefine(({ type, ids, names, breakdowns = [] }, context) => {
    const refuse = (message: string, ...path: (string | number)[]): void =>
      context.addIssue({ code: 'custom', message, path });
    if (type === 'ad_accounts') {
      const own = `the ad account itself has no objects to choose from: leave this out`;
      if (ids !== undefined) refuse(own, 'ids');
      if (names !== undefined) refuse(own, 'names');
    } else if ((ids === undefined) === (names === undefined))
      refuse('needs either "ids" (a list, or "all") or "names"');
    // What is no list was refused above, and comes here all the same.
    if (!Array.isArray(breakdowns)) return;
    breakdowns.forEach((breakdown, i) => {
      const why = typeof breakdown === 'string' ? whyNot(type, breakdown) : null;
      if (why) refuse(why, 'breakdowns', i);
    });
  })
  .meta({ oneOf: LEVELS.map(ofType) });
