// A page of one of the API's lists: its items, and the bookmark of the next.
import { z } from 'zod';
import { PinterestError } from './errors.js';
import type { ApiRequest, Caller, PinterestTransport } from './transport.js';

/** The most that the API gives at once; its default is 25. */
export const PAGE_SIZE = 250;

export interface Page<Item> {
  items: Item[];
  /** Where the next page starts; null on the last. */
  bookmark: string | null;
}

/**
 * Reads the page that starts at `bookmark`, the first if that is null.
 * @param item the shape of one item
 */
export const fetchPage = async <Item>(
  transport: PinterestTransport,
  caller: Caller,
  request: Omit<ApiRequest, 'method'>,
  item: z.ZodType<Item>,
  from: string | null,
): Promise<Page<Item>> => {
  const { what } = request;
  const query = new URLSearchParams(request.query);
  query.set('page_size', String(PAGE_SIZE));
  if (from) query.set('bookmark', from);
  const response = await transport.json(caller, { ...request, method: 'GET', query });
  const parsed = z.object({ items: z.array(item), bookmark: z.string().nullish() }).safeParse(response);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is not a page: ${path.join('.')} ${message}`,
    );
  }
  const bookmark = parsed.data.bookmark || null;
  if (bookmark !== null && bookmark === from) {
    throw new PinterestError('ContractViolation', `Pinterest's answer to ${what} points back to itself`);
  }
  return { items: parsed.data.items, bookmark };
};
