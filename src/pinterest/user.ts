// The token's user: GET /user_account.
import { z } from 'zod';
import { PinterestError } from './errors.js';
import { whyNot } from './page.js';
import type { Caller, PinterestTransport } from './transport.js';

const user = z.object({ username: z.string().max(1_000) });

export type User = z.output<typeof user>;

/** @throws PinterestError `AccessDenied` if the token lacks the scope user_accounts:read, which no dataflow needs */
export const fetchUser = async (transport: PinterestTransport, caller: Caller): Promise<User> => {
  const what = "the token's user";
  const request = { kind: 'other', what, method: 'GET', path: '/user_account' } as const;
  const parsed = user.safeParse(await transport.json(caller, request));
  if (parsed.success) return parsed.data;
  const message = `Pinterest's answer to ${what} is not a user: ${whyNot(parsed.error)}`;
  throw new PinterestError('ContractViolation', message);
};
