// The catalogue: pages of /ad_accounts/{id}/{campaigns|ad_groups|ads}, objects of every status.
import { z } from 'zod';
import { describeIds, factsOf, type ListedType } from '../dataflow/object-types.js';
import { fetchPage, objectId, type Page } from './page.js';
import { namedIds } from './request.js';
import type { Caller, PinterestTransport } from './transport.js';

/** Archived objects have spend too; the API's default leaves them out. */
const EVERY_STATUS = ['ACTIVE', 'PAUSED', 'ARCHIVED', 'DRAFT', 'DELETED_DRAFT'];

/** One object as Pinterest gives it; `id` is up to 20 digits, other fields are taken as they come. */
export type CatalogueItem = { id: string } & Record<string, unknown>;

const item = z.looseObject({ id: objectId });

/** 500,000 objects: a list that is longer has no end. */
export const MOST_CATALOGUE_PAGES = 2_000;

export type CataloguePage = Page<CatalogueItem>;

/** Where a page begins, and which objects are listed: those of every status, unless it says which. */
export interface ListedFrom {
  bookmark: string | null;
  statuses?: readonly string[] | undefined;
  newestFirst?: boolean;
}

/** Reads one page: the objects from `bookmark` on, or the (at most 250) objects named by `ids`. */
export const fetchCataloguePage = async (
  transport: PinterestTransport,
  caller: Caller,
  adAccountId: string,
  objectType: ListedType,
  from: ListedFrom | { ids: readonly string[] },
): Promise<CataloguePage> => {
  const { path } = factsOf(objectType);
  const query = new URLSearchParams();
  const ids = 'ids' in from ? from.ids : null;
  const listed = 'ids' in from ? null : from;
  for (const status of listed?.statuses ?? EVERY_STATUS) query.append('entity_statuses', status);
  if (listed?.newestFirst) query.set('order', 'DESCENDING');
  for (const [key, named] of namedIds({ objectType, ids })) for (const id of named) query.append(key, id);
  return fetchPage(
    transport,
    caller,
    {
      kind: 'catalogue',
      what: `the catalogue of ${describeIds(objectType, ids)} of ad account ${adAccountId}`,
      path: `/ad_accounts/${adAccountId}${path}`,
      query,
    },
    item,
    listed?.bookmark ?? null,
  );
};
