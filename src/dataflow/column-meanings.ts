// What a column of the analytics tables means, in one sentence: in our own words, after Pinterest's reference of its reporting. Its own
// definitions come by `GET /resources/delivery_metrics`, for which no run spends a call.
import { ALL_COLUMNS, storeName } from './columns.js';

/** Columns that are none of Pinterest's reporting, or that tell whose a row is. */
const KEYS: Readonly<Record<string, string>> = {
  ad_account_id: "The ad account's id",
  campaign_id: "The campaign's id",
  ad_group_id: "The ad group's id",
  ad_id: "The ad's id",
  date: "The period's first day, UTC; of a TOTAL its last",
  hour: 'The hour of the day, 0 to 23, UTC',
  targeting_type: 'What the numbers are broken down by',
  targeting_value: 'The value of it that a row is about',
  _loaded_at: 'When the numbers were asked for, UTC',
};

/** Of the columns that a spec has unless it says which. */
const MEANINGS: Readonly<Record<string, string>> = {
  spend_in_micro_dollar: 'What was spent',
  paid_impression: 'How often ads were shown and paid for',
  impression_1: 'How often ads were shown',
  impression_2: 'How often Pins that people had saved from ads were shown',
  total_impression: 'How often ads, and Pins saved from them, were shown',
  clickthrough_1: 'Clicks on ads',
  clickthrough_2: 'Clicks on Pins that people had saved from ads',
  total_clickthrough: 'Clicks on ads, and on Pins saved from them',
  outbound_click_1: 'Clicks on ads that led away from Pinterest',
  outbound_click_2: 'Clicks that led away from Pinterest, on Pins that people had saved from ads',
  ctr: 'Clicks on ads for each time they were shown',
  ectr: 'Clicks for each time that ads, and Pins saved from them, were shown',
  cpc_in_micro_dollar: 'What a click on an ad cost on average',
  ecpm_in_micro_dollar: 'What it cost that ads, and Pins saved from them, were shown a thousand times',
  total_engagement: 'Saves, closeups, clicks and swipes on ads, and on Pins saved from them',
  engagement_rate: 'Engagements with ads for each time they were shown',
  repin_1: 'How often ads were saved',
  repin_2: 'How often Pins that people had saved from ads were saved again',
  total_conversions:
    "What people did on the advertiser's site, app or shop after they saw or used an ad, of all kinds",
  total_page_visit: 'Visits of pages after an ad',
  total_signup: 'Sign-ups after an ad',
  total_checkout: 'Checkouts after an ad',
  total_checkout_value_in_micro_dollar: 'What checkouts after an ad were worth',
  checkout_roas: 'What checkouts were worth for each unit of currency spent',
  total_video_mrc_views:
    'Views of videos by the rule of the Media Rating Council: half of it in sight for two seconds',
  total_video_p100_complete: 'Views of videos to their end',
};

const COLUMNS = new Map(ALL_COLUMNS.map((column) => [storeName(column), column]));

const unitOf = (name: string): string => {
  if (name.endsWith('_in_micro_dollar')) return "; millionths of the ad account's currency";
  if (name.endsWith('_in_dollar')) return "; in the ad account's currency";
  return '';
};

const earnedOf = (name: string): string => {
  if (name.endsWith('_1')) return '; paid: of the ads themselves';
  if (name.endsWith('_2')) return '; earned: of Pins that people had saved from ads';
  return '';
};

/** @param name as the store calls the column */
export const meaningOf = (name: string): string => {
  const known = KEYS[name] ?? MEANINGS[name];
  if (known !== undefined) return `${known}${unitOf(name)}`;
  return `Pinterest's reporting column ${COLUMNS.get(name) ?? name.toUpperCase()}${unitOf(name)}${earnedOf(name)}`;
};
