// Columns that say what an object is instead of how it does.
import type { AdAccountSettings } from '../settings.js';
import type { Leaf } from './delivery.js';
import type { Ad, AdGroup, Campaign } from './objects.js';

/** One object of a level, with its ancestors and the ads that its numbers are the sum of. */
export interface Subject {
  id: string;
  account: AdAccountSettings;
  campaign?: Campaign | undefined;
  adGroup?: AdGroup | undefined;
  ad?: Ad;
  leaves: Leaf[];
}

type Dimension = (subject: Subject) => string | number | undefined;

const ID_DIMENSIONS: Record<string, Dimension> = {
  ADVERTISER_ID: ({ account }) => account.id,
  AD_ACCOUNT_ID: ({ account }) => account.id,
  CAMPAIGN_ID: ({ campaign }) => campaign?.id,
  AD_GROUP_ID: ({ adGroup }) => adGroup?.id,
  AD_ID: ({ ad }) => ad?.id,
  PIN_PROMOTION_ID: ({ ad }) => ad?.id,
  PIN_ID: ({ ad }) => ad?.pin_id,
};

const DIMENSIONS: Record<string, Dimension> = {
  ...ID_DIMENSIONS,
  CAMPAIGN_NAME: ({ campaign }) => campaign?.name,
  CAMPAIGN_STATUS: ({ campaign }) => campaign?.summary_status,
  CAMPAIGN_ENTITY_STATUS: ({ campaign }) => campaign?.status,
  CAMPAIGN_OBJECTIVE_TYPE: ({ campaign }) => campaign?.objective_type,
  CAMPAIGN_DAILY_SPEND_CAP: ({ campaign }) => campaign?.daily_spend_cap,
  AD_GROUP_NAME: ({ adGroup }) => adGroup?.name,
  AD_GROUP_STATUS: ({ adGroup }) => adGroup?.summary_status,
  AD_GROUP_ENTITY_STATUS: ({ adGroup }) => adGroup?.status,
  AD_GROUP_BUDGET_TYPE: ({ adGroup }) => adGroup?.budget_type,
  AD_NAME: ({ ad }) => ad?.name,
  AD_STATUS: ({ ad }) => ad?.summary_status,
  PIN_PROMOTION_NAME: ({ ad }) => ad?.name,
  PIN_PROMOTION_STATUS: ({ ad }) => ad?.summary_status,
};

/** Dimensions that the simulated objects have no value for. */
const EMPTY = /^(PRODUCT_|PROMO_|ORDER_LINE_|STANDARD_AD_FEED|CAMPAIGN_|AD_GROUP_|IS_PREMIERE)/;

export const dimensionOf = (name: string): Dimension | undefined =>
  DIMENSIONS[name] ?? (EMPTY.test(name) ? () => undefined : undefined);

export const isIdColumn = (name: string): boolean => name in ID_DIMENSIONS;
