// A page of one of the API's lists: its items, and the bookmark of the next.
import { z } from 'zod';
import { addLeftOut, type LeftOut } from '../dataflow/list-problems.js';
import { oneLine } from '../http/redact.js';
import { PinterestError } from './errors.js';
import type { ApiRequest, Caller, PinterestTransport } from './transport.js';

/** The most that the API gives at once; its default is 25. */
export const PAGE_SIZE = 250;

/** A page takes about one MiB. */
const LONGEST_PAGE_BYTES = 4 * 2 ** 20;

/** Ids have up to 18 digits today. */
const LONGEST_ID = 20;

/** An object's id, a number or text in the answer. Another one is of no object: it would never be found again. */
export const objectId = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(new RegExp(`^\\d{1,${LONGEST_ID}}$`), `is not of 1 to ${LONGEST_ID} digits`));

const page = z.object({
  items: z.array(z.unknown()).max(4 * PAGE_SIZE),
  bookmark: z.string().max(4_000).nullish(),
});

export interface Page<Item> {
  items: Item[];
  /** Items that are not what they should be; null if all are. */
  leftOut: LeftOut | null;
  /** Where the next page starts; null on the last. */
  bookmark: string | null;
}

/** What is wrong, in one short line. */
export const whyNot = ({ issues }: z.ZodError): string => {
  const { path, message } = issues[0]!;
  return oneLine([...path, message].join(' '), 200);
};

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
  const response = await transport.json(caller, {
    ...request,
    method: 'GET',
    query,
    longestBytes: LONGEST_PAGE_BYTES,
  });
  const { success, data, error } = page.safeParse(response);
  if (!success) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is not a page: ${whyNot(error)}`,
    );
  }
  const items: Item[] = [];
  let leftOut: LeftOut | null = null;
  for (const given of data.items) {
    const read = item.safeParse(given);
    if (read.success) items.push(read.data);
    else leftOut = addLeftOut(leftOut, { count: 1, first: whyNot(read.error) });
  }
  return { items, leftOut, bookmark: data.bookmark || null };
};
