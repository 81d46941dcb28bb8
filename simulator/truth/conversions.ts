// What people did after an ad: of every kind, split by where they came from, where they did it, and on which devices.
import { part, type Happened } from './happened.js';
import { SOURCES } from './read-day.js';

export type Draw = (happened: Happened) => number;

interface Kind {
  /** How many there are for each click, at most. */
  rate: number;
  /** What one is worth, in checkouts. */
  worth: number;
  /** Where it can happen. The first has what the others leave. */
  channels: readonly string[];
}

const WEB = ['WEB'];
const ONLINE = ['WEB', 'INAPP'];
/** Each step towards the checkout has fewer than the one before it. */
export const KINDS: Readonly<Record<string, Kind>> = {
  PAGE_VISIT: { rate: 0.8, worth: 0.01, channels: WEB },
  VIEW_CATEGORY: { rate: 0.25, worth: 0.02, channels: WEB },
  SEARCH: { rate: 0.1, worth: 0.02, channels: ONLINE },
  ADD_TO_CART: { rate: 0.12, worth: 0.8, channels: ONLINE },
  ADD_TO_WISHLIST: { rate: 0.03, worth: 0.1, channels: WEB },
  CHECKOUT: { rate: 0.06, worth: 1, channels: ['WEB', 'INAPP', 'OFFLINE', 'PINTEREST'] },
  SIGNUP: { rate: 0.04, worth: 0.1, channels: ['WEB', 'INAPP', 'OFFLINE'] },
  LEAD: { rate: 0.02, worth: 0.2, channels: ['WEB', 'OFFLINE'] },
  WATCH_VIDEO: { rate: 0.05, worth: 0.01, channels: WEB },
  APP_INSTALL: { rate: 0.01, worth: 0.05, channels: ['INAPP'] },
  SUBSCRIBE: { rate: 0.01, worth: 0.3, channels: WEB },
  CUSTOM: { rate: 0.03, worth: 0.1, channels: ['WEB', 'OFFLINE'] },
  UNKNOWN: { rate: 0.01, worth: 0.05, channels: ['WEB', 'INAPP', 'OFFLINE'] },
};
const CHANNEL_SHARES: Readonly<Record<string, number>> = { INAPP: 0.15, OFFLINE: 0.08, PINTEREST: 0.05 };

/** How many came from a source and those before it: rounded as a whole, so that the sources add up. */
const upTo = ({ reach, attributed, conversionLuck }: Happened, rate: number, source: number): number =>
  part(reach * attributed[source]!, rate, attributed[source] === 0 ? 0 : conversionLuck);

const ofSource = (rate: number, source: number): Draw =>
  source === 0
    ? (happened) => upTo(happened, rate, 0)
    : (happened) => upTo(happened, rate, source) - upTo(happened, rate, source - 1);

const once = <T>(make: (key: string) => T): ((key: string) => T) => {
  const made = new Map<string, T>();
  return (key) => {
    const found = made.get(key) ?? make(key);
    made.set(key, found);
    return found;
  };
};

/** All of a kind. */
export const ofKind = once((kind): Draw => {
  const { rate } = KINDS[kind]!;
  return (happened) => upTo(happened, rate, SOURCES.length - 1);
});

const RATES = Object.values(KINDS).map(({ rate }) => rate);
/** All of all kinds. */
export const ofAllKinds: Draw = ({ reach, attributed, conversionLuck }) => {
  const most = reach * attributed[SOURCES.length - 1]!;
  if (most === 0) return 0;
  let sum = 0;
  for (const rate of RATES) sum += part(most, rate, conversionLuck);
  return sum;
};

/** @param source of `SOURCES`; all if undefined */
export const counted = (kind: string, source: string | undefined, channel: string | undefined): Draw => {
  const { rate, channels } = KINDS[kind]!;
  if (channel === undefined)
    return source === undefined ? ofKind(kind) : ofSource(rate, SOURCES.indexOf(source as never));
  if (!channels.includes(channel)) return () => 0;
  const others = channels.slice(1).map((other) => CHANNEL_SHARES[other]!);
  const share = channel === channels[0] ? undefined : CHANNEL_SHARES[channel]!;
  const sources = source === undefined ? SOURCES.map((_, i) => i) : [SOURCES.indexOf(source as never)];
  const draws = sources.map((i) => ofSource(rate, i));
  return (happened) => {
    let sum = 0;
    for (const draw of draws) {
      const all = draw(happened);
      if (share !== undefined) sum += Math.floor(all * share);
      else sum += others.reduce((left, other) => left - Math.floor(all * other), all);
    }
    return sum;
  };
};

/** What so many of a kind are worth, in millionths. */
export const valueOf = (kind: string, count: Draw): Draw => {
  const { worth } = KINDS[kind]!;
  return (happened) => count(happened) * Math.ceil(happened.basketCents * worth) * 10_000;
};

/** Things, where one conversion may be of several. */
export const quantityOf =
  (count: Draw): Draw =>
  (happened) =>
    count(happened) * (1 + (happened.place % 3));

const DEVICES = ['MOBILE', 'DESKTOP', 'TABLET'];
const DEVICE_SHARES: Readonly<Record<string, number>> = { MOBILE: 0.7, DESKTOP: 0.22, TABLET: 0.08 };

/** Those of a kind who saw the ad on one device and acted on another; from mobile to mobile is what the others leave. */
export const byDevice = (kind: string, from: string, to: string): Draw => {
  const all = ofKind(kind);
  const share = (a: string, b: string): number => DEVICE_SHARES[a]! * DEVICE_SHARES[b]!;
  const own = from === 'MOBILE' && to === 'MOBILE' ? undefined : share(from, to);
  const others = DEVICES.flatMap((a) => DEVICES.map((b) => share(a, b))).slice(1);
  return (happened) => {
    const count = all(happened);
    if (own !== undefined) return Math.floor(count * own);
    return others.reduce((left, other) => left - Math.floor(count * other), count);
  };
};
