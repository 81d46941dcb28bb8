// Lists: pages neither repeat nor skip, statuses default to what the live API shows.
import type { Simulator } from '../../simulator/server.js';
import { ACCOUNT, call, query, withSimulator } from './call.js';

interface Page {
  items: { id: string; status: string; campaign_id?: string }[];
  bookmark: string | null;
}
const ALL = ['ACTIVE', 'PAUSED', 'ARCHIVED', 'DRAFT', 'DELETED_DRAFT'];

const list = async (
  simulator: Simulator,
  path: string,
  given: Record<string, string | number | string[]>,
) => {
  const items: Page['items'] = [];
  let bookmark: string | null = '';
  let pages = 0;
  while (bookmark !== null) {
    const paged: Record<string, string | number | string[]> = bookmark ? { ...given, bookmark } : given;
    const page: Page = (await call(simulator, `${ACCOUNT}/${path}${query(paged)}`)).json();
    items.push(...page.items);
    bookmark = page.bookmark;
    pages += 1;
  }
  return { items, pages };
};

test('all statuses together, page by page, are the whole account', () =>
  withSimulator({}, async (simulator) => {
    const truth = simulator.generator.objects('549755885175');
    for (const type of ['campaigns', 'ad_groups', 'ads'] as const) {
      const { items, pages } = await list(simulator, type, { entity_statuses: ALL, page_size: 7 });
      expect(pages).toBe(Math.ceil(truth[type].length / 7));
      expect(new Set(items.map(({ id }) => id))).toEqual(new Set(truth[type].map(({ id }) => id)));
      expect(items).toHaveLength(truth[type].length);
    }
  }));

test('without being asked, a list shows active and paused objects, 25 a page', () =>
  withSimulator({}, async (simulator) => {
    const first = (await call(simulator, `${ACCOUNT}/ads`)).json();
    expect(first.items).toHaveLength(25);
    const { items } = await list(simulator, 'ads', {});
    expect(new Set(items.map(({ status }) => status))).toEqual(new Set(['ACTIVE', 'PAUSED']));
    const { items: archived } = await list(simulator, 'ads', { entity_statuses: 'ARCHIVED' });
    expect(archived.length).toBeGreaterThan(10);
  }));

test('lists are ordered by id as a number, either way, and filtered by ids', () =>
  withSimulator({}, async (simulator) => {
    const { items } = await list(simulator, 'ads', { order: 'DESCENDING', page_size: 250 });
    const ids = items.map(({ id }) => BigInt(id));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)));
    const campaign = items[0]?.campaign_id ?? '';
    const { items: siblings } = await list(simulator, 'ads', { campaign_ids: [campaign] });
    expect(siblings.length).toBeGreaterThan(1);
    expect(siblings.every(({ campaign_id }) => campaign_id === campaign)).toBe(true);
  }));

test('new ads appear when the account grows, and the old ones keep their ids', () =>
  withSimulator({ adAccounts: [{ ads: 10 }] }, async (simulator) => {
    const before = await list(simulator, 'ads', { entity_statuses: ALL });
    simulator.settings.adAccounts[0]!.ads = 12;
    const after = await list(simulator, 'ads', { entity_statuses: ALL });
    expect(after.items).toEqual(expect.arrayContaining(before.items));
    expect(after.items).toHaveLength(12);
  }));
