// JSON Patch as the registry takes it: `add`, `replace` and `remove`. All operations hold, or none.
import { z } from 'zod';
import { badRequest } from '../wire/refusal.js';

const path = z.string().regex(/^(\/[^/]*)+$/, 'must be a JSON pointer');
export const Patch = z
  .array(
    z.discriminatedUnion('op', [
      z.strictObject({ op: z.enum(['add', 'replace']), path, value: z.unknown() }),
      z.strictObject({ op: z.literal('remove'), path }),
    ]),
  )
  .min(1);

type Holder = Record<string, unknown> | unknown[];

const holderOf = (document: unknown, keys: string[], pointer: string): Holder => {
  const holder = keys.reduce<unknown>(
    (at, key) => (at as Record<string, unknown> | undefined)?.[key],
    document,
  );
  if (typeof holder !== 'object' || holder === null) throw badRequest(`The path ${pointer} does not exist`);
  return holder as Holder;
};

export const patched = <T>(document: T, patch: z.output<typeof Patch>): T => {
  const result = structuredClone(document);
  for (const operation of patch) {
    const keys = operation.path
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const key = keys.pop()!;
    const holder = holderOf(result, keys, operation.path);
    const there = key in holder;
    if (operation.op !== 'add' && !there) throw badRequest(`The path ${operation.path} does not exist`);
    if (Array.isArray(holder)) {
      const at = key === '-' ? holder.length : Number(key);
      if (!(at >= 0 && at <= holder.length)) throw badRequest(`The path ${operation.path} does not exist`);
      const value = operation.op === 'remove' ? [] : [operation.value];
      holder.splice(at, operation.op === 'add' ? 0 : 1, ...value);
    } else if (operation.op === 'remove') delete holder[key];
    else holder[key] = operation.value;
  }
  return result;
};
