// The catalogue: pages of /ad_accounts/{id}/{campaigns|ad_groups|ads}, objects of every status.
import { z } from 'zod';
import type { ObjectType } from '../dataflow/chunk.js';
import { PinterestError } from './errors.js';
import { describeIds, ID_PARAMETER } from './request.js';
import type { Caller, PinterestTransport } from './transport.js';

/** Archived objects have spend too; the API's default leaves them out. */
const EVERY_STATUS = ['ACTIVE', 'PAUSED', 'ARCHIVED', 'DRAFT', 'DELETED_DRAFT'];
export const PAGE_SIZE = 250;

const id = z.union([z.string(), z.number()]).transform(String).pipe(z.string().regex(/^\d+$/));

/** One object as Pinterest gives it; `id` is digits, other fields are taken as they come. */
export type CatalogueItem = { id: string } & Record<string, unknown>;

const page = z.object({
  items: z.array(z.looseObject({ id })),
  bookmark: z.string().nullish(),
});

export interface CataloguePage {
  items: CatalogueItem[];
  /** Where the next page starts; null on the last. */
  bookmark: string | null;
}

/** Reads one page: all objects from `bookmark` on, or the (at most 250) objects named by `ids`. */
export const fetchCataloguePage = async (
  transport: PinterestTransport,
  caller: Caller,
  adAccountId: string,
  objectType: ObjectType,
  from: { bookmark: string | null } | { ids: readonly string[] },
): Promise<CataloguePage> => {
  const query = new URLSearchParams({ page_size: String(PAGE_SIZE) });
  for (const status of EVERY_STATUS) query.append('entity_statuses', status);
  if ('ids' in from) for (const one of from.ids) query.append(ID_PARAMETER[objectType], one);
  else if (from.bookmark) query.set('bookmark', from.bookmark);
  const what = `the catalogue of ${describeIds(objectType, 'ids' in from ? from.ids : null)} of ad account ${adAccountId}`;
  const answer = await transport.json(caller, {
    kind: 'catalogue',
    what,
    method: 'GET',
    path: `/ad_accounts/${adAccountId}/${objectType}`,
    query,
  });
  const parsed = page.safeParse(answer);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is not a page: ${path.join('.')} ${message}`,
    );
  }
  const bookmark = parsed.data.bookmark || null;
  if ('bookmark' in from && bookmark !== null && bookmark === from.bookmark) {
    throw new PinterestError('ContractViolation', `Pinterest's answer to ${what} points back to itself`);
  }
  return { items: parsed.data.items, bookmark };
};
