// What happened to one ad on one day, or in one hour of it: all counts are parts of the impressions, so that they fit together.
import { ACTIVE_HOURS, DELIVERING, type Leaf } from './delivery.js';
import { mix } from './hash.js';
import type { ReadDay } from './read-day.js';

/** On the ads themselves (paid), or on Pins that people had saved from them (earned). */
export interface Side {
  impressions: number;
  clicks: number;
  outbound: number;
  saves: number;
  /** Closeups and swipes. */
  closeups: number;
}

export interface Happened {
  paid: Side;
  earned: Side;
  spendMicro: number;
  /** In [0, 1). Whole numbers are `part`s by it: a fixed luck never takes back what was counted before, and keeps less below more. */
  luck: number;
  /** Whom conversions may come from, times how willing they are. */
  reach: number;
  conversionLuck: number;
  /** As `ReadDay` has it; all 0 where there are no conversions. */
  attributed: readonly number[];
  /** What a checkout is worth, in cents. */
  basketCents: number;
  /** A number of the day's own. */
  place: number;
}

/** `rate` of `whole` as a whole number, right on average; never more than `whole` for rates up to 1. */
export const part = (whole: number, rate: number, luck: number): number => Math.floor(whole * rate + luck);

const SIDES = [
  { outbound: 0.82, saves: 0.004, closeups: 0.012 },
  { outbound: 0.7, saves: 0.006, closeups: 0.015 },
] as const;

const side = (): Side => ({ impressions: 0, clicks: 0, outbound: 0, saves: 0, closeups: 0 });

/** One that is filled again and again: making millions would take most of the time. */
export const nothingYet = (): Happened => ({
  paid: side(),
  earned: side(),
  spendMicro: 0,
  luck: 0,
  reach: 0,
  conversionLuck: 0,
  attributed: [0, 0, 0],
  basketCents: 0,
  place: 0,
});

const fill = (to: Side, impressions: number, clickRate: number, luck: number, earned: 0 | 1): void => {
  const rates = SIDES[earned];
  to.impressions = impressions;
  to.clicks = part(impressions, clickRate, luck);
  to.outbound = part(to.clicks, rates.outbound, luck);
  to.saves = part(impressions, rates.saves, luck);
  to.closeups = part(impressions, rates.closeups, luck);
};

const NONE = [0, 0, 0] as const;
const BITS = 1 / 65_536;

/**
 * @param state DELIVERING or CONVERSIONS_ONLY
 * @param place the hash of the leaf and the day, or the hour
 * @param conversionSeed a report by the time of conversion tells another story than one by the time of the ad action
 */
export const happen = (
  to: Happened,
  leaf: Leaf,
  read: ReadDay,
  {
    state,
    place,
    isHour,
    conversionSeed,
  }: { state: number; place: number; isHour: boolean; conversionSeed: number },
): void => {
  const hash = mix(place, 1);
  const high = (hash >>> 16) * BITS;
  const other = ((hash >>> 8) & 0xff) / 256;
  const luck = (hash & 0xffff) * BITS;
  const shown = leaf.volume * read.demand * (0.6 + 0.8 * high);
  const clickRate = leaf.clickRate * (0.85 + 0.3 * other);
  const delivering = state === DELIVERING;
  const known = delivering ? (read.known * shown) / (isHour ? ACTIVE_HOURS : 1) : 0;
  const impressions = delivering ? Math.max(1, Math.floor(known)) : 0;
  fill(to.paid, impressions, clickRate, luck, 0);
  fill(to.earned, part(impressions, 0.04 + 0.16 * other, luck), clickRate * 0.7, luck, 1);
  to.luck = luck;
  to.spendMicro = Math.floor(impressions * clickRate * leaf.clickCost * (0.9 + 0.2 * high));
  to.place = place;
  to.basketCents = Math.floor(leaf.basketCents * (0.8 + 0.4 * high));
  to.attributed = isHour ? NONE : read.attributed;
  const conversions = mix(place, conversionSeed);
  const often = (conversions & 0xffff) * BITS;
  // who comes on a day without delivery saw the ad before; at least one does, or the day would be silent
  const clicks = delivering ? part(shown, clickRate, luck) : 1 + Math.floor(shown * clickRate * 0.1);
  to.reach = clicks * leaf.willing * (0.5 + 0.5 * ((conversions >>> 16) * BITS));
  to.conversionLuck = delivering ? often : 0.99 + 0.01 * often;
};
