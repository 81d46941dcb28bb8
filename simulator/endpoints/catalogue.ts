// The lists of campaigns, ad groups and ads.
import type { RequestHandler } from 'express';
import { z } from 'zod';
import type { Context } from '../context.js';
import type { Ad, AdGroup, Campaign, ObjectType } from '../truth/objects.js';
import { id, parseQuery, repeated } from '../wire/parameters.js';
import { readableAccountOf } from './access.js';
import { pageOf, pageParameters } from './pages.js';

const common = {
  ...pageParameters,
  entity_statuses: repeated(z.enum(['ACTIVE', 'PAUSED', 'ARCHIVED', 'DRAFT', 'DELETED_DRAFT']), 5).default([
    'ACTIVE',
    'PAUSED',
  ]),
  order: z.enum(['ASCENDING', 'DESCENDING']).optional(),
  campaign_ids: repeated(id.max(18), 250).optional(),
};
const adGroupIds = { ad_group_ids: repeated(id, 250).optional() };

const QUERIES = {
  campaigns: z.strictObject(common),
  ad_groups: z.strictObject({
    ...common,
    ...adGroupIds,
    translate_interests_to_names: z.enum(['true', 'false']).optional(),
  }),
  ads: z.strictObject({ ...common, ...adGroupIds, ad_ids: repeated(id, 250).optional() }),
};

const FILTERS = ['campaign_ids', 'ad_group_ids', 'ad_ids'] as const;
type Filters = Partial<Record<(typeof FILTERS)[number], string[] | undefined>>;

const ancestryOf = (object: Campaign | AdGroup | Ad): Record<keyof Filters, string | undefined> => ({
  campaign_ids: 'campaign_id' in object ? object.campaign_id : object.id,
  ad_group_ids: 'ad_group_id' in object ? object.ad_group_id : object.id,
  ad_ids: object.id,
});

const passes = (object: Campaign | AdGroup | Ad, filters: Filters): boolean => {
  const ancestry = ancestryOf(object);
  return FILTERS.every((key) => filters[key]?.includes(ancestry[key] ?? '') ?? true);
};

export const listObjects =
  (context: Context, objectType: ObjectType): RequestHandler =>
  (request, response) => {
    const account = readableAccountOf(context, request);
    const query = parseQuery(QUERIES[objectType], request);
    const statuses = new Set<string>(query.entity_statuses);
    const made: readonly (Campaign | AdGroup | Ad)[] = context.generator.objects(account.id)[objectType];
    const objects = made.map((object) => ({ ...object, ...context.settings.changed(object.id) }));
    const wanted = objects.filter((object) => statuses.has(object.status) && passes(object, query));
    response.json(pageOf(wanted, query, query.order));
  };
