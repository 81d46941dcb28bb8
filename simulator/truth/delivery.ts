// When an ad delivers, and how much: its flights, its silent days, and the days that only late conversions point to.
import { fraction, hashText, mix } from './hash.js';
import type { Ad } from './objects.js';

/** An ad as the source of all numbers: everything above it is the sum of its ads. */
export interface Leaf {
  adId: string;
  hash: number;
  /** Days from the start of one flight to the start of the next. */
  cycle: number;
  /** Days a flight lasts. */
  flight: number;
  /** Paid impressions of an ordinary day. */
  volume: number;
  /** Paid clicks for each paid impression. */
  clickRate: number;
  /** What a paid click costs, in millionths of the currency. */
  clickCost: number;
  /** How willing to buy those are who click; 1 is the most. */
  willing: number;
  /** What a checkout is worth, in cents. */
  basketCents: number;
}

export const SILENT = 0;
export const CONVERSIONS_ONLY = 1;
export const DELIVERING = 2;

const CYCLE_DAYS = { least: 60, spread: 180 };

/** Drafts never deliver; active ads do most of the time, paused and archived ones had their flights too. */
export const leafOf = (ad: Ad, seed: number): Leaf => {
  const hash = hashText(ad.id, seed);
  const cycle = CYCLE_DAYS.least + (hash % CYCLE_DAYS.spread);
  const percent = ad.status === 'ACTIVE' ? 70 + ((hash >>> 8) % 31) : 20 + ((hash >>> 8) % 51);
  const flight = ad.status === 'DRAFT' ? 0 : Math.ceil((cycle * percent) / 100);
  const trait = (place: number): number => fraction(mix(hash, place));
  // Few campaigns are large: one in twenty gets about ten times what the middle one does.
  const campaign = 1 / (0.05 + fraction(hashText(ad.campaign_id, seed)));
  return {
    adId: ad.id,
    hash,
    cycle,
    flight,
    volume: (900 * campaign) / (0.2 + trait(-1)),
    clickRate: 0.004 + 0.01 * trait(-2) ** 2,
    clickCost: 350_000 + 1_000_000 * trait(-3),
    willing: 0.4 + 0.6 * trait(-4),
    basketCents: 2_500 + Math.floor(6_500 * trait(-5)),
  };
};

/** `place` is the hash of (leaf, day). */
export const stateOf = (leaf: Leaf, day: number, place: number): number => {
  if (leaf.flight === 0) return SILENT;
  const inFlight = (day + (leaf.hash >>> 16)) % leaf.cycle < leaf.flight;
  const percent = place % 100;
  if (inFlight && percent < 85) return DELIVERING;
  return percent >= 92 ? CONVERSIONS_ONLY : SILENT;
};

export const placeOf = (leaf: Leaf, day: number): number => mix(leaf.hash, day);

/** Of a delivering day so many hours are active, on average. */
export const ACTIVE_HOURS = 5;

/** An hour of a delivering day, or undefined if nothing happened. */
export const hourPlaceOf = (place: number, hour: number): number | undefined => {
  const hash = mix(place, hour + 1);
  return hash % 24 < ACTIVE_HOURS ? hash : undefined;
};
