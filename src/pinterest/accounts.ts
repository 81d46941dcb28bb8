// Ad accounts: GET /ad_accounts/{id}, its currency, country and the roles of the token's user; and the list of them.
import { z } from 'zod';
import { PinterestError } from './errors.js';
import { fetchPage, type Page } from './page.js';
import type { Caller, PinterestTransport } from './transport.js';

const account = z.object({
  id: z.union([z.string(), z.number()]).transform(String),
  name: z.string().nullish(),
  currency: z.string().nullish(),
  country: z.string().nullish(),
  permissions: z.array(z.string()).nullish(),
});

const listed = account.pick({ id: true });

export interface AdAccount {
  id: string;
  name: string | null;
  currency: string | null;
  country: string | null;
  permissions: string[];
}

/** @throws PinterestError `AccessDenied` if the account does not exist or the token may not read it */
export const fetchAdAccount = async (
  transport: PinterestTransport,
  caller: Caller,
  adAccountId: string,
): Promise<AdAccount> => {
  const what = `ad account ${adAccountId}`;
  let response: unknown;
  try {
    response = await transport.json(caller, {
      kind: 'other',
      what,
      method: 'GET',
      path: `/ad_accounts/${adAccountId}`,
    });
  } catch (error) {
    if (error instanceof PinterestError && error.kind === 'Refused') {
      throw new PinterestError(
        'AccessDenied',
        `Pinterest does not know ad account ${adAccountId}, or the token's user has no access to it ` +
          `(HTTP ${error.facts.status ?? '?'}). Check connection.adAccountId (Ads Manager shows it) and the user's role on it.`,
        error.facts,
      );
    }
    throw error;
  }
  const parsed = account.safeParse(response);
  if (!parsed.success)
    throw new PinterestError('ContractViolation', `Pinterest's answer to ${what} is not an ad account`);
  const { id, name, currency, country, permissions } = parsed.data;
  return {
    id,
    name: name ?? null,
    currency: currency ?? null,
    country: country ?? null,
    permissions: permissions ?? [],
  };
};

/** Ids of all ad accounts that the token's user has a role on, page by page. */
export const fetchAdAccountIds = async (transport: PinterestTransport, caller: Caller): Promise<string[]> => {
  const request = {
    kind: 'other',
    what: 'the list of ad accounts',
    path: '/ad_accounts',
    query: new URLSearchParams({ include_shared_accounts: 'true' }),
  } as const;
  const ids = new Set<string>();
  let bookmark: string | null = null;
  do {
    const page: Page<{ id: string }> = await fetchPage(transport, caller, request, listed, bookmark);
    for (const { id } of page.items) ids.add(id);
    ({ bookmark } = page);
  } while (bookmark !== null);
  return [...ids];
};
