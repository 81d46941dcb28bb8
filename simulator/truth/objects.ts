// The catalogue of an ad account, made from the seed: campaigns, ad groups and ads in Pinterest's own field names.
import type { AdAccountSettings } from '../settings.js';
import { hashText, mix, pick } from './hash.js';

export type ObjectType = 'campaigns' | 'ad_groups' | 'ads';
export type EntityStatus = 'ACTIVE' | 'PAUSED' | 'ARCHIVED' | 'DRAFT' | 'DELETED_DRAFT';

interface CatalogueObject {
  id: string;
  ad_account_id: string;
  name: string;
  status: EntityStatus;
  summary_status: string;
  /** Unix seconds. */
  created_time: number;
  updated_time: number;
  type: string;
}
export interface Campaign extends CatalogueObject {
  objective_type: string;
  daily_spend_cap: number;
  lifetime_spend_cap: number | null;
}
export interface AdGroup extends CatalogueObject {
  campaign_id: string;
  budget_type: string;
  budget_in_micro_currency: number;
}
export interface Ad extends CatalogueObject {
  campaign_id: string;
  ad_group_id: string;
  pin_id: string;
  creative_type: string;
  destination_url: string;
  review_status: string;
}
export interface Catalogue {
  campaigns: Campaign[];
  ad_groups: AdGroup[];
  ads: Ad[];
}

const THEMES = ['Spring', 'Summer', 'Autumn', 'Winter', 'Évergreen', 'Back to "School"', 'Gifts 🎁', 'Brand'];
const OBJECTIVES = ['AWARENESS', 'CONSIDERATION', 'WEB_CONVERSION', 'CATALOG_SALES', 'VIDEO_COMPLETION'];
const CREATIVES = ['REGULAR', 'VIDEO', 'SHOPPING', 'CAROUSEL', 'COLLECTION', 'IDEA'];
const EPOCH_SECONDS = Date.UTC(2020, 0, 1) / 1000;
const MONTH_SECONDS = 2_592_000;

/** Of every twenty neighbours eleven are active, five paused, three archived and one is a draft. */
const statusOf = (index: number, seed: number): EntityStatus => {
  const place = (index * 7 + (seed % 20)) % 20;
  if (place < 11) return 'ACTIVE';
  if (place < 16) return 'PAUSED';
  return place < 19 ? 'ARCHIVED' : 'DRAFT';
};

/** Below an archived object everything is archived, below a draft all is draft. */
const inherited = (own: EntityStatus, parent: EntityStatus): EntityStatus =>
  parent === 'ARCHIVED' || parent === 'DRAFT' ? parent : own;

/** 12 to 18 digits, so that some fit into a double and some do not; unique by account, type and index. */
const idOf = (hash: number, account: number, type: number, index: number): string => {
  const length = pick([12, 15, 16, 17, 18], hash);
  const start =
    account < 100
      ? `6${type}${String(account).padStart(2, '0')}`
      : `7${type}${String(account).padStart(4, '0')}`;
  const end = String(index).padStart(6, '0');
  const filling = String(mix(hash, 1)).padStart(10, '7');
  return `${start}${filling.slice(filling.length - (length - start.length - end.length))}${end}`;
};

const summaryOf = (status: EntityStatus, active: string): string => (status === 'ACTIVE' ? active : status);

export const makeCatalogue = (account: AdAccountSettings, place: number, seed: number): Catalogue => {
  const accountSeed = hashText(account.id, seed);
  const common = (type: number, index: number, status: EntityStatus) => {
    const hash = mix(mix(accountSeed, type), index);
    const created_time = EPOCH_SECONDS + index * 3600 + (hash % 3600);
    return {
      id: idOf(hash, place, type, index),
      ad_account_id: account.id,
      status,
      created_time,
      updated_time: created_time + (hash % MONTH_SECONDS),
      hash,
    };
  };
  const campaigns = Array.from({ length: account.campaigns }, (_, index): Campaign => {
    const { hash, ...object } = common(1, index, statusOf(index, seed));
    return {
      ...object,
      name: `${pick(THEMES, hash)} campaign ${index + 1}`,
      summary_status: summaryOf(object.status, 'RUNNING'),
      type: 'campaign',
      objective_type: pick(OBJECTIVES, hash >>> 8),
      daily_spend_cap: (1 + (hash % 500)) * 1_000_000,
      lifetime_spend_cap: null,
    };
  });
  const ad_groups = Array.from({ length: campaigns.length ? account.adGroups : 0 }, (_, index): AdGroup => {
    const parent = campaigns[index % campaigns.length]!;
    const { hash, ...object } = common(2, index, inherited(statusOf(index, seed + 3), parent.status));
    return {
      ...object,
      campaign_id: parent.id,
      name: `${pick(THEMES, hash)} ad group ${index + 1}`,
      summary_status: summaryOf(object.status, 'RUNNING'),
      type: 'adgroup',
      budget_type: 'DAILY',
      budget_in_micro_currency: (1 + (hash % 100)) * 1_000_000,
    };
  });
  const ads = Array.from({ length: ad_groups.length ? account.ads : 0 }, (_, index): Ad => {
    const parent = ad_groups[index % ad_groups.length]!;
    const { hash, ...object } = common(3, index, inherited(statusOf(index, seed + 11), parent.status));
    return {
      ...object,
      campaign_id: parent.campaign_id,
      ad_group_id: parent.id,
      pin_id: `9${String(mix(hash, 2)).padStart(11, '4')}${String(index).padStart(6, '0')}`,
      name: `${pick(THEMES, hash)} ad ${index + 1}`,
      summary_status: summaryOf(object.status, 'APPROVED'),
      type: 'pinpromotion',
      creative_type: pick(CREATIVES, hash >>> 8),
      destination_url: `https://shop.example/${index + 1}?utm_source=pinterest`,
      review_status: 'APPROVED',
    };
  });
  return { campaigns, ad_groups, ads };
};
