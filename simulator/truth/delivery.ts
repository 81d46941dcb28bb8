// When an ad delivers: its flights, its silent days, and the days that only late conversions point to.
import { hashText, mix } from './hash.js';
import type { Ad } from './objects.js';

/** An ad as the source of all numbers: everything above it is the sum of its ads. */
export interface Leaf {
  adId: string;
  hash: number;
  /** Days from the start of one flight to the start of the next. */
  cycle: number;
  /** Days a flight lasts. */
  flight: number;
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
  return { adId: ad.id, hash, cycle, flight: ad.status === 'DRAFT' ? 0 : Math.ceil((cycle * percent) / 100) };
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

/** An hour of a delivering day, or undefined if nothing happened: about five hours of a day are active. */
export const hourPlaceOf = (place: number, hour: number): number | undefined => {
  const hash = mix(place, hour + 1);
  return hash % 24 < 5 ? hash : undefined;
};
