// Lists of the catalog: objects by their ids, in pages by offset.
import { z } from 'zod';
import { whole } from '../wire/parameters.js';

export const listQuery = {
  limit: whole(1).default(20),
  start: whole().default(0),
  orderBy: z
    .string()
    .regex(/^(asc|desc):\w+$/)
    .default('desc:created'),
  properties: z.string().optional(),
};
type ListQuery = z.output<z.ZodObject<typeof listQuery>>;

/** Without the id, which is the key; with no more than the properties asked for, by commas. */
export const picked = (given: object, properties: string | undefined): object => {
  const wanted = properties?.split(',');
  return Object.fromEntries(Object.entries(given).filter(([key]) => wanted?.includes(key) ?? true));
};

/** Items are in the order in which they were made, which ties keep. */
export const listed = (
  items: readonly { id: string }[],
  { limit, start, orderBy, properties }: ListQuery,
  most: number,
): Record<string, object> => {
  const [direction, key] = orderBy.split(':');
  const rank = (item: object): string | number => (item as Record<string, string | number>)[key!] ?? '';
  const ascending = [...items].sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) < rank(b) ? -1 : 1));
  const ordered = direction === 'asc' ? ascending : ascending.reverse();
  const page = ordered.slice(start, start + Math.min(limit, most));
  return Object.fromEntries(page.map((one) => [one.id, picked(one, properties)]));
};
