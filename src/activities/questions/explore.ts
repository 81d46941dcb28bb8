// What there is to read: the ad accounts of a token, or an ad account's objects, page by page until enough are found.
import { findNames } from '../../dataflow/names.js';
import type { ListedType } from '../../dataflow/object-types.js';
import { parseExplore, type ExploreInput } from '../../dataflow/parse-question.js';
import {
  fetchAdAccount,
  fetchAdAccountsPage,
  MOST_ACCOUNT_PAGES,
  type AdAccount,
} from '../../pinterest/accounts.js';
import {
  fetchCataloguePage,
  MOST_CATALOGUE_PAGES,
  type CatalogueItem,
  type CataloguePage,
} from '../../pinterest/catalogue.js';
import type { Page } from '../../pinterest/page.js';
import { Reading, type ListEnd } from '../../pinterest/reading.js';
import type { Caller } from '../../pinterest/transport.js';
import type { Dependencies } from '../dependencies.js';
import { counts } from '../interceptors/count-calls.js';
import { asking, Fitting, type Problem } from './answer.js';

export interface ExploredObject {
  id: string;
  name: string | null;
  status: string | null;
  /** Of an ad group or an ad. */
  campaignId?: string;
  /** Of an ad. */
  adGroupId?: string;
}

interface Explored {
  /** There are others, or may be: not all pages were read. */
  more: boolean;
  apiCalls: number;
  /** Only if something is wrong that a person can mend. */
  problems?: Problem[];
}

export interface ExploredAccounts extends Explored {
  adAccounts: AdAccount[];
}

export interface ExploredObjects extends Explored {
  adAccountId: string;
  type: ListedType;
  objects: ExploredObject[];
}

export type Exploration = ExploredAccounts | ExploredObjects;

interface Found<Item> {
  items: Item[];
  more: boolean;
}

type Named = { id: string; name?: unknown };

const nameOf = ({ name }: Named): string | null => (typeof name === 'string' ? name : null);

/** Those of a page that are asked for. */
const matching = <Item extends Named>(
  items: readonly Item[],
  names: readonly string[] | undefined,
): Item[] => {
  if (!names) return [...items];
  const places = new Set(findNames(names, items.map(nameOf)).flat());
  return items.filter((_, place) => places.has(place));
};

/** Reads pages until so many match, or there is no room for more. */
const find = async <Item extends Named, Shown>(
  { names, limit }: ExploreInput,
  mostPages: number,
  pageAt: (bookmark: string | null) => Promise<Page<Item>>,
  shown: (item: Item) => Shown,
): Promise<Found<Shown>> => {
  const fitting = new Fitting<Shown>(limit);
  const walk = new Reading(mostPages);
  let bookmark: string | null = null;
  let end: ListEnd | null = null;
  while (!end && !fitting.isFull) {
    const page: Page<Item> = await pageAt(bookmark);
    for (const item of matching(page.items, names))
      if (!fitting.add(shown(item))) return { items: fitting.items, more: true };
    ({ bookmark } = page);
    end = walk.took(
      page.items.map(({ id }) => id),
      bookmark,
    );
  }
  return { items: fitting.items, more: !end || end.cutShort !== null };
};

const text = (value: unknown): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;

const shownObject = (item: CatalogueItem): ExploredObject => {
  const campaignId = text(item['campaign_id']);
  const adGroupId = text(item['ad_group_id']);
  return {
    id: item.id,
    name: text(item['name']),
    status: text(item['status']),
    ...(campaignId !== null && { campaignId }),
    ...(adGroupId !== null && { adGroupId }),
  };
};

const findAdAccounts = (
  { transport }: Dependencies,
  caller: Caller,
  input: ExploreInput,
): Promise<Found<AdAccount>> => {
  const { adAccountId } = input.connection;
  const pageAt = async (bookmark: string | null): Promise<Page<AdAccount>> =>
    adAccountId === undefined
      ? fetchAdAccountsPage(transport, caller, bookmark)
      : { items: [await fetchAdAccount(transport, caller, adAccountId)], leftOut: null, bookmark: null };
  return find(input, MOST_ACCOUNT_PAGES, pageAt, (adAccount) => adAccount);
};

const findObjects = (
  { transport }: Dependencies,
  caller: Caller,
  input: ExploreInput,
  adAccountId: string,
  type: ListedType,
): Promise<Found<ExploredObject>> => {
  const { statuses } = input;
  const pageAt = (bookmark: string | null): Promise<CataloguePage> =>
    fetchCataloguePage(transport, caller, adAccountId, type, { bookmark, statuses });
  return find(input, MOST_CATALOGUE_PAGES, pageAt, shownObject);
};

export const explore =
  (dependencies: Dependencies) =>
  async ({ input: given }: { input: unknown }): Promise<Exploration> => {
    const input = parseExplore(given);
    const { connection, type } = input;
    const found = async <Item>(
      search: (caller: Caller) => Promise<Found<Item>>,
    ): Promise<Found<Item> & Pick<Explored, 'problems'>> => {
      const asked = await asking(dependencies, connection, search);
      return 'answer' in asked ? asked.answer : { items: [], more: false, problems: [asked.problem] };
    };
    const { adAccountId } = connection;
    if (type === undefined || adAccountId === undefined) {
      const { items, ...rest } = await found((caller) => findAdAccounts(dependencies, caller, input));
      return { adAccounts: items, ...rest, apiCalls: counts().apiCalls.total };
    }
    const { items, ...rest } = await found((caller) =>
      findObjects(dependencies, caller, input, adAccountId, type),
    );
    return { adAccountId, type, objects: items, ...rest, apiCalls: counts().apiCalls.total };
  };
