// Ad accounts: GET /ad_accounts/{id}, its currency, country and the roles of the token's user; and the list of them.
import { z } from 'zod';
import { addLeftOut, NO_PROBLEMS, type ListProblems } from '../dataflow/list-problems.js';
import { PinterestError } from './errors.js';
import { fetchPage, objectId, whyNot, type Page } from './page.js';
import { Reading, type ListEnd } from './reading.js';
import type { Caller, PinterestTransport } from './transport.js';

/** As a text of the store can be: PostgreSQL takes no NUL. */
const text = z
  .string()
  .max(1_000)
  .regex(/^[^\0]*$/);

const account = z.object({
  id: objectId,
  name: text.nullish(),
  currency: text.nullish(),
  country: text.nullish(),
  permissions: z.array(text).max(100).nullish(),
});

/** Of a list, an ad account is taken although its other fields do not fit. */
const listed = account.extend({
  name: text.nullish().catch(null),
  currency: text.nullish().catch(null),
  country: text.nullish().catch(null),
  permissions: account.shape.permissions.catch(null),
});

const adAccountOf = ({ id, name, currency, country, permissions }: z.output<typeof account>): AdAccount => ({
  id,
  name: name ?? null,
  currency: currency ?? null,
  country: country ?? null,
  permissions: permissions ?? [],
});

/** 10,000 ad accounts: a list that is longer has no end. */
export const MOST_ACCOUNT_PAGES = 40;

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
  if (!parsed.success) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is not an ad account: ${whyNot(parsed.error)}`,
    );
  }
  if (parsed.data.id !== adAccountId) {
    throw new PinterestError(
      'ContractViolation',
      `Pinterest's answer to ${what} is of another one, ${parsed.data.id}`,
    );
  }
  return adAccountOf(parsed.data);
};

/** One page of the ad accounts that the token's user has a role on; the first if `bookmark` is null. */
export const fetchAdAccountsPage = async (
  transport: PinterestTransport,
  caller: Caller,
  bookmark: string | null,
): Promise<Page<AdAccount>> => {
  const request = {
    kind: 'other',
    what: 'the list of ad accounts',
    path: '/ad_accounts',
    query: new URLSearchParams({ include_shared_accounts: 'true' }),
  } as const;
  const page = await fetchPage(transport, caller, request, listed, bookmark);
  return { ...page, items: page.items.map(adAccountOf) };
};

export interface ListedAdAccounts {
  ids: string[];
  problems: ListProblems;
}

/** All ad accounts that the token's user has a role on, page by page. */
export const fetchAdAccountIds = async (
  transport: PinterestTransport,
  caller: Caller,
): Promise<ListedAdAccounts> => {
  const ids = new Set<string>();
  const reading = new Reading(MOST_ACCOUNT_PAGES);
  let items = NO_PROBLEMS.items;
  let bookmark: string | null = null;
  let end: ListEnd | null;
  do {
    const page: Page<AdAccount> = await fetchAdAccountsPage(transport, caller, bookmark);
    const onPage = page.items.map(({ id }) => id);
    for (const id of onPage) ids.add(id);
    items = addLeftOut(items, page.leftOut);
    ({ bookmark } = page);
    end = reading.took(onPage, bookmark);
  } while (!end);
  return { ids: [...ids], problems: { ...NO_PROBLEMS, items, cutShort: end.cutShort } };
};
