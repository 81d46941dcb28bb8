// What kind of number each metric column is, told from its name, and its value for one ad on one day.
import { hashText, mix } from './hash.js';

export interface Metric {
  hash: number;
  /** Conversions still come in after the day is over; everything else settles within three days. */
  conversion: boolean;
  /** Raw values are whole numbers up to this; the printed value is raw ÷ divisor. */
  size: number;
  divisor: number;
  /** Rates and unit costs: a longer period shows the mean of its days, not their sum. */
  mean: boolean;
  /** Of 16 cells so many have no value. */
  gaps: number;
}

/** Days of each attribution window. */
export interface Attribution {
  click: number;
  engagement: number;
  view: number;
  reportTime: 'TIME_OF_AD_ACTION' | 'TIME_OF_CONVERSION';
}
export const DEFAULT_ATTRIBUTION: Attribution = {
  click: 30,
  engagement: 30,
  view: 1,
  reportTime: 'TIME_OF_AD_ACTION',
};

const CONVERSION =
  /CONVERSION|CHECKOUT|SIGNUP|LEAD|ADD_TO_|PAGE_VISIT|CUSTOM|SUBSCRIBE|SEARCH|WATCH_VIDEO|VIEW_CATEGORY|APP_INSTALL|UNKNOWN|WEB_SESSIONS/;
const MEAN = /RATE$|CTR|ROAS|^E?CP|COST_PER|FREQUENCY|AVG|AVERAGE|VIDEO_LENGTH/;
const ALWAYS = /^SPEND_IN|^PAID_IMPRESSION$|^IMPRESSION_1$|^TOTAL_IMPRESSION$/;
/** The largest attribution window there is, three times, plus the day itself: the denominator of `share`. */
const WHOLE = 3 * (60 + 1);
/** How much of a day's delivery is known on the day itself, one day later, two days later. */
const SETTLING_PERCENT = [80, 97, 99];

export const metricOf = (name: string, seed: number): Metric => {
  const money = /_IN_(MICRO_)?DOLLAR/.test(name);
  const mean = MEAN.test(name);
  const conversion = CONVERSION.test(name);
  const fractional = mean && !money;
  return {
    // dollars and micro-dollars of the same thing are the same amount
    hash: hashText(name.replace('_IN_DOLLAR', '_IN_MICRO_DOLLAR'), seed),
    conversion,
    size: money ? 50_000_000 : conversion && !mean ? 120 : 20_000,
    divisor: fractional ? 100_000 : /_IN_DOLLAR/.test(name) ? 1_000_000 : 1,
    mean,
    gaps: ALWAYS.test(name) ? 0 : conversion ? 6 : 3,
  };
};

/** The part of the final conversions that has come in `age` days later and lies inside the windows. */
export const conversionShare = (age: number, { click, engagement, view }: Attribution): number =>
  (Math.min(age, click) + Math.min(age, engagement) + Math.min(age, view) + 3) / WHOLE;

/** The raw value of a cell whose place hashes to `place`, or 0 if it has none. */
export const rawDelivery = (metric: Metric, place: number, age: number): number => {
  const hash = mix(place, metric.hash);
  if ((hash & 15) < metric.gaps) return 0;
  const size = 1 + ((hash >>> 4) % metric.size);
  const known = SETTLING_PERCENT[age];
  return known === undefined ? size : Math.floor((size * known) / 100);
};

export const rawConversion = (metric: Metric, place: number, share: number): number => {
  const hash = mix(place, metric.hash);
  if ((hash & 15) < metric.gaps) return 0;
  return Math.floor((1 + ((hash >>> 4) % metric.size)) * share);
};
