// Lists in pages. A bookmark names the last item shown, so a page neither repeats nor skips when objects appear.
import { z } from 'zod';
import { queryNumber } from '../wire/parameters.js';
import { badRequest } from '../wire/refusal.js';

export const pageParameters = {
  page_size: queryNumber(1, 250).default(25),
  bookmark: z.string().optional(),
};

interface Page<T> {
  items: T[];
  bookmark: string | null;
}

/** Ids are digits of different lengths: the longer one is the greater. */
export const compareIds = (a: string, b: string): number =>
  a.length - b.length || (a < b ? -1 : Number(a > b));

const encode = (id: string): string => Buffer.from(`after:${id}`).toString('base64');
const decode = (bookmark: string): string => {
  const id = /^after:(\d+)$/.exec(Buffer.from(bookmark, 'base64').toString())?.[1];
  if (id === undefined) throw badRequest('Invalid bookmark');
  return id;
};

export const pageOf = <T extends { id: string }>(
  items: readonly T[],
  { page_size, bookmark }: { page_size: number; bookmark?: string | undefined },
  order: 'ASCENDING' | 'DESCENDING' = 'ASCENDING',
): Page<T> => {
  const sign = order === 'ASCENDING' ? 1 : -1;
  const sorted = [...items].sort((a, b) => sign * compareIds(a.id, b.id));
  const after = bookmark === undefined ? undefined : decode(bookmark);
  const rest = after === undefined ? sorted : sorted.filter(({ id }) => sign * compareIds(id, after) > 0);
  const page = rest.slice(0, page_size);
  const last = page.at(-1);
  return { items: page, bookmark: last && rest.length > page.length ? encode(last.id) : null };
};
