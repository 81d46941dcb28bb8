// The truth behind every answer: objects and rows as pure functions of the seed and of the time of reading.
import type { AdAccountSettings, SimulatorSettings } from './settings.js';
import { leafOf } from './truth/delivery.js';
import type { Subject } from './truth/dimensions.js';
import { measure } from './truth/measure.js';
import { makeCatalogue, type Catalogue } from './truth/objects.js';
import type { Measured, Row, RowQuery, Value } from './truth/row.js';

export interface RowGenerator {
  objects(accountId: string): Catalogue;
  rows(query: RowQuery): Row[];
  /** The same rows one at a time, object by object, for answers that are larger than memory. */
  stream(query: RowQuery): Iterable<Measured>;
}

export const createGenerator = (
  seed: number,
  accounts: () => readonly AdAccountSettings[],
  delivers: SimulatorSettings['delivers'] = () => true,
): RowGenerator => {
  const made = new Map<string, Catalogue>();
  const accountOf = (id: string): AdAccountSettings => {
    const account = accounts().find((candidate) => candidate.id === id);
    if (!account) throw new Error(`The simulator has no ad account ${id}`);
    return account;
  };
  const objects = (accountId: string): Catalogue => {
    const account = accountOf(accountId);
    const key = [account.id, account.campaigns, account.adGroups, account.ads].join();
    const catalogue = made.get(key) ?? makeCatalogue(account, accounts().indexOf(account), seed);
    made.set(key, catalogue);
    return catalogue;
  };
  const stream = (query: RowQuery) =>
    measure(
      subjectsOf(accountOf(query.accountId), objects(query.accountId), query, seed),
      query,
      seed,
      delivers,
    );
  return {
    objects,
    stream,
    rows: (query) => Array.from(stream(query), (measured) => named(measured, query.columns)),
  };
};

const subjectsOf = (
  account: AdAccountSettings,
  { campaigns, ad_groups, ads }: Catalogue,
  { objectType, ids }: RowQuery,
  seed: number,
): Subject[] => {
  const campaignOf = new Map(campaigns.map((campaign) => [campaign.id, campaign]));
  const adGroupOf = new Map(ad_groups.map((adGroup) => [adGroup.id, adGroup]));
  const subjects = new Map<string, Subject>();
  for (const ad of ads) {
    const campaign = campaignOf.get(ad.campaign_id);
    const adGroup = adGroupOf.get(ad.ad_group_id);
    const ancestors = {
      ad_accounts: { id: account.id },
      campaigns: { id: ad.campaign_id, campaign },
      ad_groups: { id: ad.ad_group_id, campaign, adGroup },
      ads: { id: ad.id, campaign, adGroup, ad },
    }[objectType];
    if (ids && !ids.has(ancestors.id)) continue;
    const subject = subjects.get(ancestors.id) ?? { account, leaves: [], ...ancestors };
    subject.leaves.push(leafOf(ad, seed));
    subjects.set(ancestors.id, subject);
  }
  return [...subjects.values()];
};

const namedValues = (values: readonly Value[], columns: readonly string[]): Row['values'] =>
  Object.fromEntries(columns.flatMap((column, i) => (values[i] === undefined ? [] : [[column, values[i]]])));

const named = ({ subject, period, values, parts }: Measured, columns: readonly string[]): Row => ({
  id: subject.id,
  ...(subject.campaign && { campaignId: subject.campaign.id }),
  ...(subject.adGroup && { adGroupId: subject.adGroup.id }),
  ...(period.date !== undefined && { date: period.date }),
  ...(period.hour !== undefined && { hour: period.hour }),
  values: namedValues(values, columns),
  ...(parts && { parts: parts.map((part) => namedValues(part, columns)) }),
});
